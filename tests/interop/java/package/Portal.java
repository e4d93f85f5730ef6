package io.prancer.auth;

import io.prancer.auth.api.AuthenticationApi;
import java.net.http.HttpClient;

/** The three calls to one portal, with what all of them need. */
public final class Portal {
    private final String url;

    /**
     * A portal.
     *
     * @param url the base URL, which ends in the tenant where there is one, and in no slash
     */
    public Portal(String url) {
        this.url = url;
    }

    /**
     * For login.
     *
     * @return the calls, without a token
     */
    public AuthenticationApi anonymous() {
        return bearer("");
    }

    /**
     * For refresh with the refresh token, for logout with the access token.
     *
     * @param token the token
     * @return the calls, with this token
     */
    public AuthenticationApi bearer(String token) {
        // A redirect would carry a secret elsewhere.
        var http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER);
        var client = new ApiClient(http, ApiClient.createDefaultObjectMapper(), url);
        client.setRequestInterceptor(request -> {
            // Refresh and logout want it too, although they have no body.
            request.setHeader("content-type", "application/json");
            if (!token.isEmpty()) {
                request.setHeader("authorization", "Bearer " + token);
            }
        });
        return new AuthenticationApi(client);
    }

    /**
     * Why the portal rejected a call.
     *
     * @param rejection what the call has thrown
     * @return its sentence for a person; empty where the answer is not as documented
     */
    public static String reason(ApiException rejection) {
        try {
            var mapper = ApiClient.createDefaultObjectMapper();
            var envelope = mapper.readValue(rejection.getResponseBody(), io.prancer.auth.model.ErrorEnvelope.class);
            return envelope == null || envelope.getMessage() == null ? "" : envelope.getMessage();
        } catch (com.fasterxml.jackson.core.JsonProcessingException | IllegalArgumentException undocumented) {
            return "";
        }
    }
}
