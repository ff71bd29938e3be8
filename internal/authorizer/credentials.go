package authorizer

import (
	"errors"
	"strings"

	"github.com/roomcast/roomcast/internal/protocol"
)

var (
	errNoToken   = errors.New("no token was sent")
	errAmbiguous = errors.New("two different tokens were sent, or two in one place")
)

// tokenOf returns the token of a handshake: from the query (?token=), from the
// subprotocols that a browser offers (roomcast, and the token), or from the
// header Authorization (Bearer). A token in several places has to be the same
// in all of them, so that proxies, logs and servers see the same one.
func tokenOf(e event) (string, error) {
	headers := e.headers()
	var token string
	places := 0
	for _, found := range [][]string{
		e.query("token"), offered(headers("Sec-WebSocket-Protocol")), bearers(headers("Authorization")),
	} {
		switch {
		case len(found) == 0:
			continue
		case len(found) > 1 || places > 0 && found[0] != token:
			return "", errAmbiguous
		}
		token = found[0]
		places++
	}
	if places == 0 {
		return "", errNoToken
	}
	return token, nil
}

// offered returns the tokens among the subprotocols that a client offers, if it
// offers Roomcast's: a token looks like the name of another protocol.
func offered(headers []string) []string {
	var tokens []string
	roomcast := false
	for name := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		switch name = strings.TrimSpace(name); name {
		case protocol.Subprotocol:
			roomcast = true
		case "":
		default:
			tokens = append(tokens, name)
		}
	}
	if !roomcast {
		return nil
	}
	return tokens
}

func bearers(headers []string) []string {
	var tokens []string
	for _, h := range headers {
		if scheme, token, ok := strings.Cut(strings.TrimSpace(h), " "); ok && strings.EqualFold(scheme, "Bearer") {
			tokens = append(tokens, strings.TrimSpace(token))
		}
	}
	return tokens
}
