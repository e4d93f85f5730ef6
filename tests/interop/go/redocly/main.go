// A whole session through the client that Redocly makes.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	prancerauth "github.com/prancer-io/prancer-auth/go"
)

func logIn(ctx context.Context, portal string, who prancerauth.Credentials) (prancerauth.TokenPair, error) {
	answer, err := prancerauth.Portal(portal, "").Login(ctx, who)
	if status, rejection := prancerauth.Rejection(err); rejection != nil {
		return answer.Data, fmt.Errorf("rejected with %d, %s: %w", status, rejection.Message, err)
	}
	return answer.Data, err
}

func refresh(ctx context.Context, portal, refreshToken string) (prancerauth.TokenPair, error) {
	answer, err := prancerauth.Portal(portal, refreshToken).Refresh(ctx)
	return answer.Data, err
}

func logOut(ctx context.Context, portal, accessToken string) (string, error) {
	answer, err := prancerauth.Portal(portal, accessToken).Logout(ctx)
	return answer.Message, err
}

// reason gives the portal's reason for a rejection with this status, nothing where it is none.
func reason(err error, status int) string {
	told, rejection := prancerauth.Rejection(err)
	if told != status || rejection == nil {
		return ""
	}
	return rejection.Message
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
	check("wrong password rejected", reason(err, http.StatusBadRequest) == "Invalid Email or Password")

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
	status, _ := prancerauth.Rejection(err)
	check("wrong token rejected by refresh", status == http.StatusUnprocessableEntity)

	check("logged out", must(logOut(ctx, portal, renewed.Token)) == "User logged out successfully!")

	_, err = refresh(ctx, portal, tokens.RefreshToken)
	check("refresh rejected after logout", reason(err, http.StatusUnauthorized) != "")
}
