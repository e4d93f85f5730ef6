// A whole session through the client that openapi-generator makes.
import io.prancer.auth.ApiException;
import io.prancer.auth.Portal;
import io.prancer.auth.model.Credentials;
import io.prancer.auth.model.TokenPair;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public final class OpenApiGenerator {
    static TokenPair logIn(String portal, Credentials credentials) throws ApiException {
        try {
            return new Portal(portal).anonymous().login(credentials).getData();
        } catch (ApiException rejection) {
            if (rejection.getCode() != 400) throw rejection;
            throw new SecurityException(Portal.reason(rejection));
        }
    }

    static TokenPair refresh(String portal, String refreshToken) throws ApiException {
        return new Portal(portal).bearer(refreshToken).refresh().getData();
    }

    static String logOut(String portal, String accessToken) throws ApiException {
        return new Portal(portal).bearer(accessToken).logout().getMessage();
    }

    static ApiException refused(String portal, String refreshToken) {
        try {
            refresh(portal, refreshToken);
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
            System.err.println(refused.getMessage());
            System.exit(1);
        } catch (IllegalStateException problem) {
            System.err.println(problem.getMessage());
            System.exit(1);
        } catch (IOException | InterruptedException | RuntimeException problem) {
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

        String reason = "";
        try {
            logIn(portal, credentials);
        } catch (SecurityException rejected) {
            reason = rejected.getMessage();
        }
        check("wrong password rejected", "Invalid Email or Password".equals(reason));

        var tokens = logIn(portal, credentials.password(password));
        check("logged in", !tokens.getToken().isEmpty() && !tokens.getRefreshToken().isEmpty());

        var call = HttpRequest.newBuilder(URI.create(portal + "/api/user/get/"))
            .header("authorization", "Bearer " + tokens.getToken());
        var user = HttpClient.newHttpClient().send(call.build(), HttpResponse.BodyHandlers.discarding());
        check("secure call", user.statusCode() == 200);

        var renewed = refresh(portal, tokens.getRefreshToken());
        boolean fresh = !renewed.getToken().equals(tokens.getToken());
        check("refreshed", fresh && !renewed.getToken().isEmpty());

        check("wrong token rejected by refresh", refused(portal, renewed.getToken()).getCode() == 422);

        String message = logOut(portal, renewed.getToken());
        check("logged out", "User logged out successfully!".equals(message));

        var ended = refused(portal, tokens.getRefreshToken());
        boolean said = !Portal.reason(ended).isEmpty();
        check("refresh rejected after logout", ended.getCode() == 401 && said);
    }
}
