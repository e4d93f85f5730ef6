// A whole session through the client that Redocly makes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	prancerauth "github.com/prancer-io/prancer-auth/go"
)

// Refresh and logout want it too, although they have no body; login sends it by itself.
var headers = map[string]string{"content-type": "application/json"}

// sample: login
// A redirect would carry a secret elsewhere.
var direct = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
	return errors.New("the portal redirects elsewhere")
}}

func logIn(ctx context.Context, portal string, who prancerauth.Credentials) (prancerauth.TokenPair, error) {
	client := prancerauth.New(prancerauth.Config{ServerURL: portal, HTTPClient: direct})
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
	client := prancerauth.New(prancerauth.Config{ServerURL: portal, HTTPClient: direct, Headers: headers, Auth: bearer})
	answer, err := client.Refresh(ctx)
	return answer.Data, err
}

// end sample

// sample: logout
func logOut(ctx context.Context, portal, accessToken string) (string, error) {
	bearer := prancerauth.Auth{Bearer: func() string { return accessToken }}
	client := prancerauth.New(prancerauth.Config{ServerURL: portal, HTTPClient: direct, Headers: headers, Auth: bearer})
	answer, err := client.Logout(ctx)
	return answer.Message, err
}

// end sample

// refused gives the body of a refusal with this status, nil where it is none.
func refused(err error, status int) any {
	var refusal *prancerauth.APIError
	if !errors.As(err, &refusal) || refusal.Status != status {
		return nil
	}
	return refusal.Body
}

// message reads a refusal through its type; the client itself leaves failures untyped.
func message(body any) string {
	var envelope prancerauth.ErrorEnvelope
	text, err := json.Marshal(body)
	if err != nil || json.Unmarshal(text, &envelope) != nil {
		return ""
	}
	return envelope.Message
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
	check("wrong password refused", message(refused(err, http.StatusBadRequest)) == "Invalid Email or Password")

	who.Password = os.Getenv("PRANCER_PASSWORD")
	tokens := must(logIn(ctx, portal, who))
	check("logged in", tokens.Token != "" && tokens.RefreshToken != "")

	request := must(http.NewRequestWithContext(ctx, http.MethodGet, portal+"/api/user/get/", nil))
	request.Header.Set("authorization", "Bearer "+tokens.Token)
	user := must(direct.Do(request))
	user.Body.Close()
	check("secure call", user.StatusCode == http.StatusOK)

	renewed := must(refresh(ctx, portal, tokens.RefreshToken))
	check("refreshed", renewed.Token != "" && renewed.Token != tokens.Token)

	_, err = refresh(ctx, portal, renewed.Token)
	check("wrong token refused by refresh", refused(err, http.StatusUnprocessableEntity) != nil)

	check("logged out", must(logOut(ctx, portal, renewed.Token)) == "User logged out successfully!")

	_, err = refresh(ctx, portal, tokens.RefreshToken)
	check("refresh refused after logout", message(refused(err, http.StatusUnauthorized)) != "")
}
