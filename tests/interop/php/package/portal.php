<?php

declare(strict_types=1);

namespace PrancerAuthenticationApi;

/** The portal rejected a call, or did not answer as documented; the text holds nothing else of its answer. */
final class Rejection extends \RuntimeException
{
    public function __construct(
        /** The HTTP status; 0 where a success was not as documented. */
        public readonly int $status,
        /** The portal's sentence for a person; empty where the answer was not as documented. */
        public readonly string $reason,
    ) {
        parent::__construct("the portal answered {$status} {$reason}");
    }
}

/** The three calls to one portal. Redirects are not followed, and nothing is repeated. */
final class Portal
{
    /** @param string $url The base URL, which ends in the tenant where there is one, and in no slash. */
    public function __construct(private readonly string $url)
    {
    }

    public function login(#[\SensitiveParameter] Credentials $credentials): TokenPair
    {
        return $this->call('', fn (Client $client) => $client->login($credentials)->data);
    }

    public function refresh(#[\SensitiveParameter] string $refreshToken): TokenPair
    {
        return $this->call($refreshToken, fn (Client $client, array $headers) => $client->refresh($headers)->data);
    }

    /** @return string What the portal says to it. */
    public function logout(#[\SensitiveParameter] string $accessToken): string
    {
        return $this->call($accessToken, fn (Client $client, array $headers) => $client->logout($headers)->message);
    }

    /**
     * Any call of the client, guarded like the three above, which go by it.
     *
     * @param string $token The token that it takes, or nothing.
     * @param callable(Client, array<string, string>): mixed $call What to call, with the headers that a call without a body wants.
     */
    public function call(#[\SensitiveParameter] string $token, callable $call): mixed
    {
        $auth = $token === '' ? [] : ['bearer' => $token];
        $client = new Client(new Config(serverUrl: $this->url, auth: $auth, retry: ['attempts' => 1]));
        // A member that is missing is only warned of.
        set_error_handler(static fn () => throw new \UnexpectedValueException());
        try {
            // Refresh and logout want the header too, although they have no body.
            return $call($client, ['content-type' => 'application/json']);
        } catch (ApiError $rejection) {
            $reason = is_array($rejection->body) ? $rejection->body['message'] ?? '' : '';
            throw new Rejection($rejection->status, is_string($reason) ? $reason : '');
        } catch (\TypeError | \UnexpectedValueException) {
            throw new Rejection(0, '');
        } finally {
            restore_error_handler();
        }
    }
}
