// A whole session through the client that Redocly makes.
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import prancerauthenticationapi.Client;

public final class Redocly {
    static Client.Config config(String portal) {
        // Refresh and logout want it too, although they have no body.
        return new Client.Config().serverUrl(portal).header("content-type", "application/json");
    }

    static Client.TokenPair logIn(String portal, Client.Credentials credentials) {
        try {
            return new Client(config(portal)).login(credentials).data2();
        } catch (Client.ApiException refused) {
            if (refused.status != 400) throw refused;
            throw new SecurityException(Client.ErrorEnvelope.fromJson(refused.body).message());
        }
    }

    static Client.TokenPair refresh(String portal, String refreshToken) {
        var bearer = new Client.Auth().bearer(refreshToken);
        var client = new Client(config(portal).auth(bearer));
        return client.refresh().data2();
    }

    static String logOut(String portal, String accessToken) {
        var bearer = new Client.Auth().bearer(accessToken);
        var client = new Client(config(portal).auth(bearer));
        return client.logout().message();
    }

    /** What a refresh is refused with. */
    static Client.ApiException refused(String portal, String refreshToken) {
        try {
            refresh(portal, refreshToken);
        } catch (Client.ApiException refused) {
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
        } catch (IOException | InterruptedException | RuntimeException problem) {
            System.err.println("the session broke off: " + problem.getMessage());
            System.exit(1);
        }
    }

    static void session() throws IOException, InterruptedException {
        Map<String, String> environment = System.getenv();
        String portal = environment.get("PRANCER_PORTAL");
        String email = environment.get("PRANCER_EMAIL");
        String password = environment.get("PRANCER_PASSWORD");
        String customerId = environment.get("PRANCER_CUSTOMER_ID");

        String reason = "";
        try {
            logIn(portal, new Client.Credentials(email, password + "?", customerId));
        } catch (SecurityException refused) {
            reason = refused.getMessage();
        }
        check("wrong password rejected", "Invalid Email or Password".equals(reason));

        var tokens = logIn(portal, new Client.Credentials(email, password, customerId));
        check("logged in", !tokens.token().isEmpty() && !tokens.refreshToken().isEmpty());

        var call = HttpRequest.newBuilder(URI.create(portal + "/api/user/get/"))
            .header("authorization", "Bearer " + tokens.token());
        var user = HttpClient.newHttpClient().send(call.build(), HttpResponse.BodyHandlers.discarding());
        check("secure call", user.statusCode() == 200);

        var renewed = refresh(portal, tokens.refreshToken());
        check("refreshed", !renewed.token().isEmpty() && !renewed.token().equals(tokens.token()));

        check("wrong token rejected by refresh", refused(portal, renewed.token()).status == 422);

        check("logged out", "User logged out successfully!".equals(logOut(portal, renewed.token())));

        var ended = refused(portal, tokens.refreshToken());
        String message = Client.ErrorEnvelope.fromJson(ended.body).message();
        check("refresh rejected after logout", ended.status == 401 && message != null && !message.isEmpty());
    }
}
