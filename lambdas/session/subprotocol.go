package session

import (
	"strings"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// subprotocolHeader is the header in which a client offers subprotocols and the
// server names the chosen one.
const subprotocolHeader = "Sec-WebSocket-Protocol"

// subprotocol returns the header that chooses Roomcast's subprotocol, nil for a client
// that did not offer it. A browser that offered a subprotocol fails the handshake
// without this header. The other offers are tokens: choosing one would repeat it in
// the answer.
func subprotocol(e route.Event) map[string]string {
	for name, value := range e.Headers {
		if offers(name, value) {
			return map[string]string{subprotocolHeader: protocol.Subprotocol}
		}
	}
	for name, values := range e.MultiValueHeaders {
		if offers(name, strings.Join(values, ",")) {
			return map[string]string{subprotocolHeader: protocol.Subprotocol}
		}
	}
	return nil
}

// offers reports whether a header offers Roomcast's subprotocol.
func offers(name, value string) bool {
	if !strings.EqualFold(name, subprotocolHeader) {
		return false
	}
	for offer := range strings.SplitSeq(value, ",") {
		if strings.Trim(offer, " \t") == protocol.Subprotocol {
			return true
		}
	}
	return false
}
