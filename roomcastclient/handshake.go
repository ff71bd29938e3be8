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

// maxReason is how many characters of an answer's body an error repeats.
const maxReason = 200

// handshake makes a socket. It also returns when its token ends, zero where
// that is not known. Its error tells neither the token nor the URL's query.
func (c *Client) handshake(ctx context.Context) (*websocket.Conn, time.Time, *ConnectError) {
	address, err := callWithin(ctx, "Options.URL", c.opts.URL)
	if err != nil {
		return nil, time.Time{}, &ConnectError{err: fmt.Errorf("URL: %w", err)}
	}
	target, err := checkURL(address)
	if err != nil {
		return nil, time.Time{}, &ConnectError{err: err, settings: true}
	}
	var token string
	options := &websocket.DialOptions{HTTPClient: withoutRedirects(c.opts.HTTPClient)}
	if c.opts.Token != nil {
		if token, err = c.token(ctx); err != nil {
			return nil, time.Time{}, &ConnectError{Host: target.Host, err: err}
		}
		if c.opts.TokenInQuery {
			query := target.Query()
			query.Set("token", token)
			target.RawQuery = query.Encode()
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

// checkURL reads a WebSocket URL. The error repeats nothing of it but its scheme.
func checkURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	var parsing *url.Error
	switch {
	case errors.As(err, &parsing):
		return nil, fmt.Errorf("invalid URL from Options.URL: %w; give it the stage's URL, wss://HOST/STAGE", withoutURL(parsing))
	case err != nil:
		return nil, errors.New("invalid URL from Options.URL; give it the stage's URL, wss://HOST/STAGE")
	case u.Scheme != "wss" && u.Scheme != "ws" && u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("invalid URL from Options.URL: scheme %q, expected wss or ws; give it the stage's URL, wss://HOST/STAGE", u.Scheme)
	case u.Host == "":
		return nil, errors.New("invalid URL from Options.URL: it has no host; give it the stage's URL, wss://HOST/STAGE")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// withoutURL returns why a URL could not be read, in words that may not hold what
// stands in it: net/url quotes the part that is wrong.
func withoutURL(err *url.Error) error {
	text, _, _ := strings.Cut(err.Err.Error(), `"`)
	return errors.New(strings.TrimSpace(text))
}

// withoutRedirects returns an HTTP client that follows no redirect: that would
// repeat the token to another host, or without TLS.
func withoutRedirects(client *http.Client) *http.Client {
	strict := *client
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &strict
}

// refusal makes the error of a handshake that failed.
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

// secretsOf returns the texts that no error may hold.
func secretsOf(target *url.URL, token string) []string {
	secrets := []string{target.RawQuery, token, url.QueryEscape(token), url.PathEscape(token), target.Query().Get("token")}
	if password, ok := target.User.Password(); ok {
		secrets = append(secrets, target.User.String(), password)
	}
	return secrets
}

// userinfo is a name and a password in a URL, such as a proxy's.
var userinfo = regexp.MustCompile(`://[^/@\s"]*@`)

// conceal returns a text with an ellipsis for each secret in it.
func conceal(text string, secrets []string) string {
	text = userinfo.ReplaceAllString(text, "://…@")
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// reasonOf returns what an answer says of why it is no handshake: the message of
// a JSON body, as API Gateway has it, or the beginning of a plain one.
func reasonOf(response *http.Response) string {
	if response.StatusCode/100 == 3 {
		to := "nowhere"
		if location, err := response.Location(); err == nil {
			to = location.Scheme + "://" + location.Host
		}
		return fmt.Sprintf("it redirects to %s, and redirects are not followed, because the handshake holds a token", printable(to))
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
