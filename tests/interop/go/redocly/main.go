// A whole session through the client that Redocly makes.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	prancerauth "github.com/prancer-io/prancer-auth/go"
)

// Refresh and logout want it too, although they have no body.
var headers = map[string]string{"content-type": "application/json"}

// sample: login
func logIn(ctx context.Context, portal string, who prancerauth.Credentials) (prancerauth.TokenPair, error) {
	client := prancerauth.New(prancerauth.Config{ServerURL: portal, Headers: headers})
	answer, err := client.Login(ctx, who)
	var refused *prancerauth.APIError
	if errors.As(err, &refused) && refused.Status == http.StatusBadRequest {
		return answer.Data, fmt.Errorf("wrong email address, password or customer id: %w", err)
	}
	return answer.Data, err
}

// end sample

// sample: refresh
func refresh(ctx context.Context, portal, refreshToken string) (prancerauth.TokenPair, error) {
	bearer := prancerauth.Auth{Bearer: func() string { return refreshToken }}
	client := prancerauth.New(prancerauth.Config{ServerURL: portal, Headers: headers, Auth: bearer})
	answer, err := client.Refresh(ctx)
	return answer.Data, err
}

// end sample

// sample: logout
func logOut(ctx context.Context, portal, accessToken string) (string, error) {
	bearer := prancerauth.Auth{Bearer: func() string { return accessToken }}
	client := prancerauth.New(prancerauth.Config{ServerURL: portal, Headers: headers, Auth: bearer})
	answer, err := client.Logout(ctx)
	return answer.Message, err
}

// end sample

// message reads the portal's own words out of a refusal with this status.
func message(err error, status int) string {
	var refused *prancerauth.APIError
	if !errors.As(err, &refused) || refused.Status != status {
		return ""
	}
	// The client decodes failures without their type.
	body, ok := refused.Body.(map[string]any)
	if !ok {
		return ""
	}
	for _, key := range []string{"message", "msg"} {
		if text, ok := body[key].(string); ok {
			return text
		}
	}
	return ""
}

func check(what string, good bool) {
	if !good {
		fmt.Fprintln(os.Stderr, "not", what)
		os.Exit(1)
	}
	fmt.Println("ok", what)
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	ctx := context.Background()
	portal := os.Getenv("PRANCER_PORTAL")
	who := prancerauth.Credentials{
		Email:      os.Getenv("PRANCER_EMAIL"),
		Password:   os.Getenv("PRANCER_PASSWORD") + "?",
		CustomerId: os.Getenv("PRANCER_CUSTOMER_ID"),
	}
	_, err := logIn(ctx, portal, who)
	check("wrong password refused", message(err, http.StatusBadRequest) == "Invalid Email or Password")

	who.Password = os.Getenv("PRANCER_PASSWORD")
	tokens := must(logIn(ctx, portal, who))
	check("logged in", tokens.Token != "" && tokens.RefreshToken != "")

	request := must(http.NewRequestWithContext(ctx, http.MethodGet, portal+"/api/user/get/", nil))
	request.Header.Set("authorization", "Bearer "+tokens.Token)
	user := must(http.DefaultClient.Do(request))
	user.Body.Close()
	check("secure call", user.StatusCode == http.StatusOK)

	renewed := must(refresh(ctx, portal, tokens.RefreshToken))
	check("refreshed", renewed.Token != "" && renewed.Token != tokens.Token)

	_, err = refresh(ctx, portal, renewed.Token)
	check("wrong token refused by refresh", message(err, http.StatusUnprocessableEntity) != "")

	check("logged out", must(logOut(ctx, portal, renewed.Token)) == "User logged out successfully!")

	_, err = refresh(ctx, portal, tokens.RefreshToken)
	check("refresh refused after logout", message(err, http.StatusUnauthorized) != "")
}
