package roomcastclient

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
)

// subprotocol is the protocol that the server selects. The token is offered as
// another one, which the server never repeats.
const subprotocol = "roomcast"

// byteOrderMark is the first character of some files.
const byteOrderMark = '\ufeff'

// token gets a token from the application. The error does not repeat it.
func (c *Client) token(ctx context.Context) (string, error) {
	token, err := callWithin(ctx, "Options.Token", c.opts.Token)
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	if problem := c.tokenProblem(token); problem != "" {
		return "", errors.New("invalid token: " + problem)
	}
	return token, nil
}

// tokenProblem returns why a string is not a token, without repeating it, or "".
// The usual mistakes are that it is more than the token, or a web page.
func (c *Client) tokenProblem(token string) string {
	trimmed := strings.TrimFunc(token, func(r rune) bool { return unicode.IsSpace(r) || r == byteOrderMark || r == 0 })
	scheme, _, _ := strings.Cut(trimmed, " ")
	switch {
	case trimmed == "":
		return "Options.Token returned an empty string; return an error if there is no token"
	case strings.HasPrefix(trimmed, "<"):
		return "it is an HTML page; check the address that it comes from, the status of the response, and whether it is a sign-in page"
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		return "it is JSON; return the field that holds the token"
	case strings.HasPrefix(trimmed, `"`):
		return "it is in quotes; decode the JSON string that it comes as"
	case strings.EqualFold(scheme, "Bearer"):
		return "it begins with Bearer; return what follows"
	case trimmed != token:
		return "it has white space around it, such as a line break at the end; trim it"
	case strings.ContainsFunc(token, unicode.IsControl):
		return "it has a line break or another control character in it; return the token alone"
	case !c.opts.TokenInQuery && strings.Contains(token, " "):
		return "it has spaces, which no JWT has; check the status of the response that it comes from, or set Options.TokenInQuery for an opaque token"
	case len(token) > protocol.MaxToken:
		return fmt.Sprintf("it has %d bytes, expected at most %d; use a smaller token", len(token), protocol.MaxToken)
	case !utf8.ValidString(token):
		return "it is not valid UTF-8; return the token as text"
	case !c.opts.TokenInQuery && strings.ContainsFunc(token, notInSubprotocol):
		return "it has characters that are not allowed in a subprotocol, and that no JWT has; return a JWT, or set Options.TokenInQuery"
	}
	return ""
}

// notInSubprotocol reports whether a subprotocol, a token of RFC 9110, cannot hold
// a character. No JWT holds one.
func notInSubprotocol(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// expiryOf returns when a token expires: the exp of a JWT, or zero if it is not
// one. The signature is not verified, so the time is only good for a timer.
func expiryOf(token string) time.Time {
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
