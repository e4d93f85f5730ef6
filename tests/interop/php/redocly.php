<?php

// A whole session through the client that Redocly makes.
declare(strict_types=1);

require __DIR__ . '/strict.php';
require $argv[1] . '/client.php';

use PrancerAuthenticationApi\ApiError;
use PrancerAuthenticationApi\Client;
use PrancerAuthenticationApi\Config;
use PrancerAuthenticationApi\Credentials;
use PrancerAuthenticationApi\ErrorEnvelope;

// Refresh wants it too, although it has no body.
const HEADERS = ['content-type' => 'application/json'];

function client(string $portal, string $token = ''): Client
{
    $auth = $token === '' ? [] : ['bearer' => $token];
    return new Client(new Config(serverUrl: $portal, auth: $auth));
}

/** What a call is refused with. */
function refusal(callable $call): ApiError
{
    try {
        $call();
    } catch (ApiError $refused) {
        return $refused;
    }
    throw new RuntimeException('a call was not refused');
}

$portal = variable('PRANCER_PORTAL');
$credentials = new Credentials(
    email: variable('PRANCER_EMAIL'),
    password: variable('PRANCER_PASSWORD') . '?',
    customerId: variable('PRANCER_CUSTOMER_ID'),
);

$wrong = refusal(fn () => client($portal)->login($credentials));
$envelope = ErrorEnvelope::fromArray($wrong->body);
check('wrong password refused', $wrong->status === 400 && $envelope->message === 'Invalid Email or Password');

$credentials->password = variable('PRANCER_PASSWORD');
$tokens = client($portal)->login($credentials)->data;
check('logged in', $tokens->token !== '' && $tokens->refreshToken !== '');

check('secure call', statusOf("{$portal}/api/user/get/", $tokens->token) === 200);

$renewed = client($portal, $tokens->refreshToken)->refresh(HEADERS)->data;
check('refreshed', $renewed->token !== '' && $renewed->token !== $tokens->token);

$mistaken = refusal(fn () => client($portal, $renewed->token)->refresh(HEADERS));
check('wrong token refused by refresh', $mistaken->status === 422);

$goodbye = client($portal, $renewed->token)->logout(HEADERS);
check('logged out', $goodbye->message === 'User logged out successfully!');

$ended = refusal(fn () => client($portal, $tokens->refreshToken)->refresh(HEADERS));
$envelope = ErrorEnvelope::fromArray($ended->body);
check('refresh refused after logout', $ended->status === 401 && $envelope->message !== '');
