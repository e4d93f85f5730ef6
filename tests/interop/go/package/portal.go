// Package prancerauth is a typed client of the Prancer Authentication API: login, refresh, logout.
package prancerauth

import (
	"encoding/json"
	"errors"
	"net/http"
)

// Portal gives a client of one portal, with what all three calls need. The URL ends in the tenant where there is one, and in no
// slash. The token is the refresh token for refresh, the access token for logout, and empty for login. No redirect is followed,
// for it would carry a secret elsewhere, and nothing is repeated.
func Portal(url, token string) *Client {
	config := Config{
		ServerURL: url,
		HTTPClient: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
		// Refresh and logout want it too, although they have no body.
		Headers: map[string]string{"content-type": "application/json"},
		Retry:   RetryConfig{RetryOn: func(int, *http.Response, error) bool { return false }},
	}
	if token != "" {
		config.Auth = Auth{Bearer: func() string { return token }}
	}
	return New(config)
}

// Rejection gives the status and the documented answer of a call that the portal rejected. The answer is nil where it is not as
// documented; the status is 0 where there was none.
func Rejection(err error) (int, *ErrorEnvelope) {
	var rejection *APIError
	if !errors.As(err, &rejection) {
		return 0, nil
	}
	text, err := json.Marshal(rejection.Body)
	var envelope ErrorEnvelope
	if err != nil || json.Unmarshal(text, &envelope) != nil || int(envelope.Status) != rejection.Status {
		return rejection.Status, nil
	}
	return rejection.Status, &envelope
}
