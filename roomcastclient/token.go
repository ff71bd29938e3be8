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

// subprotocol is what the server answers with. The token is offered as another
// one, which it never repeats.
const subprotocol = "roomcast"

// byteOrderMark begins some files.
const byteOrderMark = '\ufeff'

// token asks the application for a token. The errors do not repeat it.
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

// tokenProblem says why something is no token, without repeating it, or returns
// "". What goes wrong most is that it is more than the token, or a web page.
func (c *Client) tokenProblem(token string) string {
	trimmed := strings.TrimFunc(token, func(r rune) bool { return unicode.IsSpace(r) || r == byteOrderMark || r == 0 })
	scheme, _, _ := strings.Cut(trimmed, " ")
	switch {
	case trimmed == "":
		return "Options.Token gave none; return an error where there is none"
	case strings.HasPrefix(trimmed, "<"):
		return "it is an HTML page, not a token; check the address that it comes from, the status of the answer, and whether a sign-in page was sent instead"
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		return "it is JSON, not a token; return the field that holds the token"
	case strings.HasPrefix(trimmed, `"`):
		return "it is in quotes; decode the JSON text that it comes as"
	case strings.EqualFold(scheme, "Bearer"):
		return "it begins with Bearer; return what follows that"
	case trimmed != token:
		return "it has white space around it, such as a line break at its end; trim it"
	case strings.ContainsFunc(token, unicode.IsControl):
		return "it has a line break or another control character in it; return the token alone"
	case !c.opts.TokenInQuery && strings.Contains(token, " "):
		return "it is text with spaces, as no JWT has; check the status of the answer that it comes from, or set Options.TokenInQuery for an opaque token"
	case len(token) > protocol.MaxToken:
		return fmt.Sprintf("it has %d bytes, expected at most %d; put less into it", len(token), protocol.MaxToken)
	case !utf8.ValidString(token):
		return "it is not valid UTF-8; return the token as text"
	case !c.opts.TokenInQuery && strings.ContainsFunc(token, notInSubprotocol):
		return "it has characters that a subprotocol cannot have, as no JWT has; return a JWT, or set Options.TokenInQuery"
	}
	return ""
}

// notInSubprotocol says what a subprotocol, a token of RFC 9110, cannot have. A
// JWT has none of it.
func notInSubprotocol(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// endOf returns when a token ends: the exp of a JWT, or zero for what cannot be
// read as one. Nobody has checked it: it is good for a timer and for nothing
// else.
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
