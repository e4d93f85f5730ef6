<?php

// Whatever PHP would only warn of ends the program.
declare(strict_types=1);

error_reporting(E_ALL);
set_error_handler(static function (int $severity, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $severity, $file, $line);
});
set_exception_handler(static function (Throwable $problem): never {
    // The first line alone: below it Guzzle puts the body of the answer, which may hold a secret.
    fail('the session broke off: ' . strtok($problem->getMessage(), "\n"));
});

function fail(string $sentence): never
{
    fwrite(STDERR, "{$sentence}\n");
    exit(1);
}

function variable(string $name): string
{
    $value = getenv($name);
    if ($value === false || $value === '') {
        fail("{$name} is not set");
    }
    return $value;
}

function check(string $what, bool $good): void
{
    if (!$good) {
        fail("not {$what}");
    }
    echo "ok {$what}\n";
}

/** The status of a call that is not in the document. */
function statusOf(string $url, string $accessToken): int
{
    $call = curl_init($url);
    curl_setopt_array($call, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => ["authorization: Bearer {$accessToken}"],
    ]);
    curl_exec($call);
    return curl_getinfo($call, CURLINFO_RESPONSE_CODE);
}
