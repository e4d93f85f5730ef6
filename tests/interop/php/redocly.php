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
use PrancerAuthenticationApi\TokenPair;

// sample: login
function logIn(string $portal, Credentials $credentials): TokenPair
{
    $client = new Client(new Config(serverUrl: $portal));
    try {
        return $client->login($credentials)->data;
    } catch (ApiError $refused) {
        if ($refused->status !== 400) {
            throw $refused;
        }
        throw new DomainException(ErrorEnvelope::fromArray($refused->body)->message);
    }
}
// end sample

// sample: refresh
function refresh(string $portal, string $refreshToken): TokenPair
{
    $client = new Client(new Config(serverUrl: $portal, auth: ['bearer' => $refreshToken]));
    // It wants the header, although it has no body.
    return $client->refresh(['content-type' => 'application/json'])->data;
}
// end sample

// sample: logout
function logOut(string $portal, string $accessToken): string
{
    $client = new Client(new Config(serverUrl: $portal, auth: ['bearer' => $accessToken]));
    // It wants the header, although it has no body.
    return $client->logout(['content-type' => 'application/json'])->message;
}
// end sample

/** What a refresh is refused with. */
function refusal(string $portal, string $token): ApiError
{
    try {
        refresh($portal, $token);
    } catch (ApiError $refused) {
        return $refused;
    }
    fail('a refresh was not refused');
}

$portal = variable('PRANCER_PORTAL');
$credentials = new Credentials(
    email: variable('PRANCER_EMAIL'),
    password: variable('PRANCER_PASSWORD') . '?',
    customerId: variable('PRANCER_CUSTOMER_ID'),
);

$reason = '';
try {
    logIn($portal, $credentials);
} catch (DomainException $refused) {
    $reason = $refused->getMessage();
}
check('wrong password refused', $reason === 'Invalid Email or Password');

$credentials->password = variable('PRANCER_PASSWORD');
$tokens = logIn($portal, $credentials);
check('logged in', $tokens->token !== '' && $tokens->refreshToken !== '');

check('secure call', statusOf("{$portal}/api/user/get/", $tokens->token) === 200);

$renewed = refresh($portal, $tokens->refreshToken);
check('refreshed', $renewed->token !== '' && $renewed->token !== $tokens->token);

check('wrong token refused by refresh', refusal($portal, $renewed->token)->status === 422);

check('logged out', logOut($portal, $renewed->token) === 'User logged out successfully!');

$ended = refusal($portal, $tokens->refreshToken);
$envelope = ErrorEnvelope::fromArray($ended->body);
check('refresh refused after logout', $ended->status === 401 && $envelope->message !== '');
