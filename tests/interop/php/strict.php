<?php

// Whatever PHP would only warn of ends the program.
declare(strict_types=1);

error_reporting(E_ALL);
set_error_handler(static function (int $severity, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $severity, $file, $line);
});

function variable(string $name): string
{
    $value = getenv($name);
    if ($value === false || $value === '') {
        throw new RuntimeException("{$name} is not set");
    }
    return $value;
}

function check(string $what, bool $good): void
{
    if (!$good) {
        fwrite(STDERR, "not {$what}\n");
        exit(1);
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
