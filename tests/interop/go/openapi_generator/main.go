// A whole session through the client that openapi-generator makes.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	prancerauth "github.com/prancer-io/prancer-auth/go"
)

// A redirect would carry a secret elsewhere.
var direct = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
	return errors.New("the portal redirects elsewhere")
}}

func api(portal string, headers map[string]string) *prancerauth.AuthenticationAPIService {
	configuration := prancerauth.NewConfiguration()
	configuration.Servers = prancerauth.ServerConfigurations{{URL: portal}}
	configuration.HTTPClient = direct
	configuration.DefaultHeader = headers
	return prancerauth.NewAPIClient(configuration).AuthenticationAPI
}

// bodyless is for refresh and logout, which want the header too. Login sends it by itself, and would send it twice.
func bodyless(portal string) *prancerauth.AuthenticationAPIService {
	return api(portal, map[string]string{"content-type": "application/json"})
}

func with(token string) context.Context {
	return context.WithValue(context.Background(), prancerauth.ContextAccessToken, token)
}

func login(portal string, who prancerauth.Credentials) (*prancerauth.TokenEnvelope, *http.Response, error) {
	return api(portal, nil).Login(context.Background()).Credentials(who).Execute()
}

// message reads the portal's own words out of a refusal, through the generated type.
func message(err error) string {
	var refused *prancerauth.GenericOpenAPIError
	if !errors.As(err, &refused) {
		return ""
	}
	envelope, ok := refused.Model().(prancerauth.ErrorEnvelope)
	if !ok {
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

func must[T any](value *T, _ *http.Response, err error) *T {
	// The client takes an answer without a body for no answer, and for no error either.
	if err == nil && value == nil {
		err = errors.New("the portal answered nothing")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	portal := os.Getenv("PRANCER_PORTAL")
	password := os.Getenv("PRANCER_PASSWORD")
	who := *prancerauth.NewCredentials(os.Getenv("PRANCER_EMAIL"), password+"?", os.Getenv("PRANCER_CUSTOMER_ID"))

	_, response, err := login(portal, who)
	wrong := response != nil && response.StatusCode == http.StatusBadRequest
	check("wrong password rejected", wrong && message(err) == "Invalid Email or Password")

	who.Password = password
	tokens := must(login(portal, who)).Data
	check("logged in", tokens.Token != "" && tokens.RefreshToken != "")

	request, err := http.NewRequest(http.MethodGet, portal+"/api/user/get/", nil)
	request = must(request, nil, err)
	request.Header.Set("authorization", "Bearer "+tokens.Token)
	user, err := direct.Do(request)
	user = must(user, nil, err)
	user.Body.Close()
	check("secure call", user.StatusCode == http.StatusOK)

	renewed := must(bodyless(portal).Refresh(with(tokens.RefreshToken)).Execute()).Data
	check("refreshed", renewed.Token != "" && renewed.Token != tokens.Token)

	_, response, err = bodyless(portal).Refresh(with(renewed.Token)).Execute()
	mistaken := response != nil && response.StatusCode == http.StatusUnprocessableEntity
	check("wrong token rejected by refresh", mistaken && err != nil)

	goodbye := must(bodyless(portal).Logout(with(renewed.Token)).Execute())
	check("logged out", goodbye.Message == "User logged out successfully!")

	_, response, err = bodyless(portal).Refresh(with(tokens.RefreshToken)).Execute()
	ended := response != nil && response.StatusCode == http.StatusUnauthorized
	check("refresh rejected after logout", ended && message(err) != "")
}
