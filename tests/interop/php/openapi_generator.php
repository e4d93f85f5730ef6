<?php

// A whole session through the client that openapi-generator makes.
declare(strict_types=1);

require __DIR__ . '/strict.php';
require 'GuzzleHttp/autoload.php';

spl_autoload_register(static function (string $class) use ($argv): void {
    $file = $argv[1] . '/lib/' . str_replace(['Prancer\\Auth\\', '\\'], ['', '/'], $class) . '.php';
    if (str_starts_with($class, 'Prancer\\Auth\\') && is_file($file)) {
        require $file;
    }
});

use Prancer\Auth\Api\AuthenticationApi;
use Prancer\Auth\ApiException;
use Prancer\Auth\Configuration;
use Prancer\Auth\Model\Credentials;
use Prancer\Auth\Model\ErrorEnvelope;
use Prancer\Auth\Model\TokenEnvelope;

function api(string $portal, string $token = ''): AuthenticationApi
{
    $configuration = (new Configuration())->setHost($portal)->setAccessToken($token);
    return new AuthenticationApi(new GuzzleHttp\Client(['allow_redirects' => false]), $configuration);
}

/** Whether an answer has this text: the client takes an answer without it, and gives null. */
function isGiven(?string $text): bool
{
    return $text !== null && $text !== '';
}

/** What a call is refused with. */
function refusal(callable $call): ApiException
{
    try {
        $call();
    } catch (ApiException $refused) {
        return $refused;
    }
    fail('a call was not refused');
}

$portal = variable('PRANCER_PORTAL');
$password = variable('PRANCER_PASSWORD');
$credentials = new Credentials([
    'email' => variable('PRANCER_EMAIL'),
    'password' => $password . '?',
    'customer_id' => variable('PRANCER_CUSTOMER_ID'),
]);

$wrong = refusal(fn () => api($portal)->login($credentials));
$envelope = $wrong->getResponseObject();
check(
    'wrong password rejected',
    $wrong->getCode() === 400
        && $envelope instanceof ErrorEnvelope
        && $envelope->getMessage() === 'Invalid Email or Password',
);

$credentials->setPassword($password);
$answer = api($portal)->login($credentials);
$tokens = $answer instanceof TokenEnvelope ? $answer->getData() : fail('no tokens');
check('logged in', isGiven($tokens->getToken()) && isGiven($tokens->getRefreshToken()));

check('secure call', statusOf("{$portal}/api/user/get/", $tokens->getToken()) === 200);

$renewed = api($portal, $tokens->getRefreshToken())->refresh()->getData();
check('refreshed', isGiven($renewed->getToken()) && $renewed->getToken() !== $tokens->getToken());

$mistaken = refusal(fn () => api($portal, $renewed->getToken())->refresh());
check('wrong token rejected by refresh', $mistaken->getCode() === 422);

$goodbye = api($portal, $renewed->getToken())->logout();
check('logged out', $goodbye->getMessage() === 'User logged out successfully!');

$ended = refusal(fn () => api($portal, $tokens->getRefreshToken())->refresh());
$envelope = $ended->getResponseObject();
check(
    'refresh rejected after logout',
    $ended->getCode() === 401
        && $envelope instanceof ErrorEnvelope
        && isGiven($envelope->getMessage()),
);
