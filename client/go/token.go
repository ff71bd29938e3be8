package roomcast

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// subprotocol is what the server answers with. The token is offered as another
// one, which it never repeats.
const subprotocol = "roomcast"

// token asks the application for a token. The errors do not repeat it.
func (c *Client) token(ctx context.Context) (string, error) {
	token, err := c.opts.Token(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("token: %w", err)
	case token == "":
		return "", errors.New("token: Options.Token gave none")
	case !c.opts.TokenInQuery && strings.ContainsFunc(token, notInSubprotocol):
		return "", errors.New("token: has characters that a subprotocol cannot have: set Options.TokenInQuery")
	}
	return token, nil
}

// notInSubprotocol says what a subprotocol, a token of RFC 9110, cannot have. A
// JWT has none of it.
func notInSubprotocol(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// withToken returns a URL with the token in its query.
func withToken(address, token string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("URL: %w", err)
	}
	query := u.Query()
	query.Set("token", token)
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// withoutToken returns an error that does not tell the token: those of net/http
// tell the whole URL.
func withoutToken(err error, token string) error {
	if err == nil || token == "" {
		return err
	}
	text := err.Error()
	told := strings.NewReplacer(token, "…", url.QueryEscape(token), "…").Replace(text)
	if told == text {
		return err
	}
	return errors.New(told)
}

// endOf returns when a token ends: the exp of a JWT, or zero for what cannot be
// read as one. Nobody has checked it: it is good for a timer and for nothing
// else.
func endOf(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	var claims struct {
		Exp float64 `json:"exp"` // s since 1970
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	const latest = 1 << 40 // far off, and not out of range
	if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Exp <= 0 || claims.Exp > latest {
		return time.Time{}
	}
	return time.UnixMilli(int64(claims.Exp * 1000))
}
