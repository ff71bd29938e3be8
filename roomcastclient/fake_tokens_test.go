package roomcastclient_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// parseHandshake returns what a client sent in its handshake.
func parseHandshake(r *http.Request) handshake {
	said := handshake{token: r.URL.Query().Get("token"), query: r.URL.RawQuery, protocols: r.Header.Get("Sec-WebSocket-Protocol")}
	if _, token, ok := strings.Cut(said.protocols, "roomcast,"); ok {
		said.token = strings.TrimSpace(token)
	}
	return said
}

// issue returns a token that is valid for a duration. It looks like a JWT. The
// caller holds the lock.
func (s *server) issue(d time.Duration) string {
	if s.tokens == nil {
		s.tokens = map[string]time.Time{}
	}
	ends := time.Now().Add(d)
	payload := fmt.Sprintf(`{"exp":%d,"n":%d}`, ends.Unix(), len(s.tokens))
	token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
	s.tokens[token] = ends
	return token
}

// expireAt sets when the token of a peer expires. A minute later the peer is cut,
// unless the token was replaced. The caller holds the lock.
func (p *peer) expireAt(ends time.Time) {
	if p.tokenExpires = ends; ends.IsZero() {
		return
	}
	time.AfterFunc(time.Until(ends)+time.Minute, func() {
		p.server.locked(func() {
			if p.expired() {
				p.cut()
			}
		})
	})
}

// expired reports whether the server accepts nothing but a refresh.
func (p *peer) expired() bool { return !p.tokenExpires.IsZero() && !p.tokenExpires.After(time.Now()) }

// refresh replaces the token of a peer. The caller holds the lock.
func (s *server) refresh(p *peer, r request) {
	ends := s.tokens[r.Token]
	if !ends.After(time.Now()) {
		p.refuse(r, protocol.CodeBadToken, 0)
		return
	}
	p.expireAt(ends)
	for _, roomID := range s.revoked {
		delete(s.room(roomID).members, p)
	}
	p.post(protocol.Refreshed{ClientID: r.ClientID, ExpiresAt: ends.UnixMilli(), Left: s.revoked})
}
