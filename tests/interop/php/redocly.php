<?php

// A whole session through the client that Redocly makes.
declare(strict_types=1);

require __DIR__ . '/strict.php';
require $argv[1] . '/autoload.php';

use PrancerAuthenticationApi\Credentials;
use PrancerAuthenticationApi\Portal;
use PrancerAuthenticationApi\Rejection;
use PrancerAuthenticationApi\TokenPair;

function logIn(string $portal, Credentials $credentials): TokenPair
{
    return (new Portal($portal))->login($credentials);
}

function refresh(string $portal, string $refreshToken): TokenPair
{
    return (new Portal($portal))->refresh($refreshToken);
}

function logOut(string $portal, string $accessToken): string
{
    return (new Portal($portal))->logout($accessToken);
}

/** What a call is rejected with. */
function rejection(callable $call): Rejection
{
    try {
        $call();
    } catch (Rejection $rejection) {
        return $rejection;
    }
    fail('a call was not rejected');
}

$portal = variable('PRANCER_PORTAL');
$credentials = new Credentials(
    email: variable('PRANCER_EMAIL'),
    password: variable('PRANCER_PASSWORD') . '?',
    customerId: variable('PRANCER_CUSTOMER_ID'),
);

$wrong = rejection(fn () => logIn($portal, $credentials));
check('wrong password rejected', $wrong->status === 400 && $wrong->reason === 'Invalid Email or Password');

$credentials->password = variable('PRANCER_PASSWORD');
$tokens = logIn($portal, $credentials);
check('logged in', $tokens->token !== '' && $tokens->refreshToken !== '');

check('secure call', statusOf("{$portal}/api/user/get/", $tokens->token) === 200);

$renewed = refresh($portal, $tokens->refreshToken);
check('refreshed', $renewed->token !== '' && $renewed->token !== $tokens->token);

check('wrong token rejected by refresh', rejection(fn () => refresh($portal, $renewed->token))->status === 422);

check('logged out', logOut($portal, $renewed->token) === 'User logged out successfully!');

$ended = rejection(fn () => refresh($portal, $tokens->refreshToken));
check('refresh rejected after logout', $ended->status === 401 && $ended->reason !== '');
