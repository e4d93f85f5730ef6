// A whole session through the client that openapi-generator makes.
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prancer.auth.ApiClient;
import io.prancer.auth.ApiException;
import io.prancer.auth.api.AuthenticationApi;
import io.prancer.auth.model.Credentials;
import io.prancer.auth.model.ErrorEnvelope;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public final class OpenApiGenerator {
    static final ObjectMapper JSON = ApiClient.createDefaultObjectMapper();

    static AuthenticationApi api(String portal, String token) {
        var client = new ApiClient();
        client.updateBaseUri(portal);
        client.setRequestInterceptor(request -> {
            // Refresh and logout want it too, although they have no body.
            request.setHeader("content-type", "application/json");
            if (!token.isEmpty()) {
                request.setHeader("authorization", "Bearer " + token);
            }
        });
        return new AuthenticationApi(client);
    }

    static ErrorEnvelope envelope(ApiException refused) throws JsonProcessingException {
        return JSON.readValue(refused.getResponseBody(), ErrorEnvelope.class);
    }

    static ApiException refused(String portal, String refreshToken) {
        try {
            api(portal, refreshToken).refresh();
        } catch (ApiException refused) {
            return refused;
        }
        throw new IllegalStateException("refresh was not refused");
    }

    static void check(String what, boolean good) {
        if (!good) {
            System.err.println("not " + what);
            System.exit(1);
        }
        System.out.println("ok " + what);
    }

    public static void main(String[] arguments) {
        try {
            session();
        } catch (ApiException refused) {
            // Its message holds the body of the answer, which may hold a secret.
            System.err.println("the portal answered with status " + refused.getCode());
            System.exit(1);
        } catch (IllegalStateException problem) {
            System.err.println(problem.getMessage());
            System.exit(1);
        } catch (IOException | InterruptedException | RuntimeException problem) {
            // So may the message of a reader of JSON.
            System.err.println("the session broke off: " + problem.getClass().getSimpleName());
            System.exit(1);
        }
    }

    static void session() throws ApiException, IOException, InterruptedException {
        String portal = System.getenv("PRANCER_PORTAL");
        String password = System.getenv("PRANCER_PASSWORD");
        var credentials = new Credentials()
            .email(System.getenv("PRANCER_EMAIL"))
            .password(password + "?")
            .customerId(System.getenv("PRANCER_CUSTOMER_ID"));

        try {
            api(portal, "").login(credentials);
            throw new IllegalStateException("a wrong password was not refused");
        } catch (ApiException refused) {
            var envelope = envelope(refused);
            boolean said = "Invalid Email or Password".equals(envelope.getMessage());
            check("wrong password refused", refused.getCode() == 400 && said);
        }

        var tokens = api(portal, "").login(credentials.password(password)).getData();
        check("logged in", !tokens.getToken().isEmpty() && !tokens.getRefreshToken().isEmpty());

        var call = HttpRequest.newBuilder(URI.create(portal + "/api/user/get/"))
            .header("authorization", "Bearer " + tokens.getToken());
        var user = HttpClient.newHttpClient().send(call.build(), HttpResponse.BodyHandlers.discarding());
        check("secure call", user.statusCode() == 200);

        var renewed = api(portal, tokens.getRefreshToken()).refresh().getData();
        boolean fresh = !renewed.getToken().equals(tokens.getToken());
        check("refreshed", fresh && !renewed.getToken().isEmpty());

        check("wrong token refused by refresh", refused(portal, renewed.getToken()).getCode() == 422);

        String message = api(portal, renewed.getToken()).logout().getMessage();
        check("logged out", "User logged out successfully!".equals(message));

        var ended = refused(portal, tokens.getRefreshToken());
        String ending = envelope(ended).getMessage();
        boolean said = ending != null && !ending.isEmpty();
        check("refresh refused after logout", ended.getCode() == 401 && said);
    }
}
