package roomcastclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/coder/websocket"
)

// maxReason is the number of characters of a response body that an error repeats.
const maxReason = 200

// handshake opens a socket. It also returns when the token expires, zero if that is
// not known. The error holds neither the token nor the query of the URL.
func (c *Client) handshake(ctx context.Context) (*websocket.Conn, time.Time, *ConnectError) {
	target, failed := c.target(ctx)
	if failed != nil {
		return nil, time.Time{}, failed
	}
	var token string
	options := &websocket.DialOptions{HTTPClient: withoutRedirects(c.opts.HTTPClient)}
	if c.opts.Token != nil {
		var err error
		if token, err = c.token(ctx); err != nil {
			return nil, time.Time{}, &ConnectError{Host: target.Host, err: err}
		}
		if c.opts.TokenInQuery {
			addToQuery(target, "token", token)
		} else {
			options.Subprotocols = []string{subprotocol, token}
		}
	}
	socket, response, err := websocket.Dial(withKeepAlive(ctx), target.String(), options)
	if err != nil {
		return nil, time.Time{}, c.refusal(ctx, target, token, response, err)
	}
	return socket, expiryOf(token), nil
}

// target returns the URL of a handshake, without a token.
func (c *Client) target(ctx context.Context) (*url.URL, *ConnectError) {
	address, err := callWithin(ctx, "Options.URLFunc", c.opts.URLFunc)
	if err != nil {
		return nil, &ConnectError{err: fmt.Errorf("URL: %w", err)}
	}
	option := "Options.URL"
	if c.opts.URL == "" {
		option = "URL from Options.URLFunc"
	}
	target, err := parseURL(option, address)
	if err != nil {
		return nil, &ConnectError{err: err, badURL: true}
	}
	if c.opts.UserID != "" {
		addToQuery(target, "userId", c.opts.UserID)
	}
	return target, nil
}

// addToQuery adds a parameter and keeps the rest of the query as it is.
func addToQuery(target *url.URL, name, value string) {
	query := target.Query()
	query.Set(name, value)
	target.RawQuery = query.Encode()
}

// parseURL parses a WebSocket URL. The error repeats nothing of it but the scheme.
func parseURL(option, address string) (*url.URL, error) {
	const expected = "expected the stack's WebSocket URL, wss://HOST/STAGE"
	u, err := url.Parse(address)
	var parsing *url.Error
	switch {
	case errors.As(err, &parsing):
		return nil, fmt.Errorf("invalid %s: %w; %s", option, withoutURL(parsing), expected)
	case err != nil:
		return nil, fmt.Errorf("invalid %s: %s", option, expected)
	case u.Scheme != "wss" && u.Scheme != "ws" && u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("invalid %s: scheme %q, expected wss or ws; %s", option, u.Scheme, expected)
	case u.Host == "":
		return nil, fmt.Errorf("invalid %s: it has no host; %s", option, expected)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// withoutURL returns why a URL could not be parsed, without any part of the URL:
// net/url quotes the part that is wrong.
func withoutURL(err *url.Error) error {
	text, _, _ := strings.Cut(err.Err.Error(), `"`)
	return errors.New(strings.TrimSpace(text))
}

// withoutRedirects returns an HTTP client that does not follow redirects: those
// would send the token to another host, or without TLS.
func withoutRedirects(client *http.Client) *http.Client {
	strict := *client
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &strict
}

// refusal returns the error of a handshake that failed.
func (c *Client) refusal(ctx context.Context, target *url.URL, token string, response *http.Response, err error) *ConnectError {
	secrets := secretsOf(target, token)
	refused := &ConnectError{Host: target.Host, hasToken: token != ""}
	var failed *url.Error
	switch {
	case response != nil && response.StatusCode != http.StatusSwitchingProtocols:
		refused.Status = response.StatusCode
		reason := reasonOf(response)
		if local := c.localReason(ctx, target); local != "" {
			reason = local
		}
		refused.Reason = conceal(reason, secrets)
		refused.err = fmt.Errorf("the server refused the handshake with status %d", response.StatusCode)
		return refused
	case errors.As(err, &failed):
		err = failed.Err // net/http repeats the whole URL
	}
	if text := err.Error(); conceal(text, secrets) != text {
		err = errors.New(conceal(text, secrets))
	}
	refused.err = err
	return refused
}

// secretsOf returns the strings that no error may hold.
func secretsOf(target *url.URL, token string) []string {
	secrets := []string{target.RawQuery, token, url.QueryEscape(token), url.PathEscape(token), target.Query().Get("token")}
	if password, ok := target.User.Password(); ok {
		secrets = append(secrets, target.User.String(), password)
	}
	return secrets
}

// userinfo is a name and a password in a URL, such as that of a proxy.
var userinfo = regexp.MustCompile(`://[^/@\s"]*@`)

// conceal replaces each secret in a text with an ellipsis.
func conceal(text string, secrets []string) string {
	text = userinfo.ReplaceAllString(text, "://…@")
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// reasonOf returns why the response is not a handshake: the message of a JSON
// body, as API Gateway sends it, or the beginning of a plain body.
func reasonOf(response *http.Response) string {
	if response.StatusCode/100 == 3 {
		to := "nowhere"
		if location, err := response.Location(); err == nil {
			to = location.Scheme + "://" + location.Host
		}
		return fmt.Sprintf("it redirects to %s; redirects are not followed, because the handshake holds a token", printable(to))
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 1024)) // Dial has read it
	text := strings.TrimSpace(string(body))
	var object struct {
		Message string `json:"message"`
	}
	switch {
	case json.Unmarshal(body, &object) == nil && object.Message != "":
		text = object.Message
	case strings.HasPrefix(text, "<"):
		text = "an HTML page"
	}
	return printable(text)
}

// printable returns the beginning of a text on one line.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxReason {
		text = string(runes[:maxReason]) + "…"
	}
	return text
}
