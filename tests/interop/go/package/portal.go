// Package prancerauth is a typed client of the Prancer Authentication API: login, refresh, logout.
package prancerauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Portal gives a client of one portal, with what all three calls need. The URL ends in the tenant where there is one, and in no
// slash. The token is the refresh token for refresh, the access token for logout, and empty for login. No redirect is followed,
// for it would carry a secret elsewhere, and nothing is repeated.
func Portal(url, token string) *Client {
	config := Config{
		ServerURL: url,
		HTTPClient: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     documented{},
		},
		// Refresh and logout want it too, although they have no body.
		Headers: map[string]string{"content-type": "application/json"},
		Retry:   RetryConfig{RetryOn: func(int, *http.Response, error) bool { return false }},
	}
	if token != "" {
		config.Auth = Auth{Bearer: func() string { return token }}
	}
	return New(config)
}

// handsOut has the paths whose success hands out tokens; the document's are put in when this is packed.
var handsOut = []string{"/api/login/"}

// documented is a transport by which a call that should hand out tokens and does not is an error, in place of empty tokens.
type documented struct{}

func (documented) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	isOne := false
	for _, path := range handsOut {
		isOne = isOne || strings.HasSuffix(request.URL.Path, path)
	}
	if err != nil || response.StatusCode != http.StatusOK || !isOne {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	var envelope TokenEnvelope
	if json.Unmarshal(body, &envelope) != nil || envelope.Data.Token == "" || envelope.Data.RefreshToken == "" {
		return nil, errors.New("the portal did not answer as documented")
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
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
