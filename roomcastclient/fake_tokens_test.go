package roomcastclient_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// greeting reads what a client said in its handshake.
func greeting(r *http.Request) handshake {
	said := handshake{token: r.URL.Query().Get("token"), query: r.URL.RawQuery, protocols: r.Header.Get("Sec-WebSocket-Protocol")}
	if _, token, ok := strings.Cut(said.protocols, "roomcast,"); ok {
		said.token = strings.TrimSpace(token)
	}
	return said
}

// issue makes a token that holds for a while, from now on. It looks like a JWT.
// With the lock held.
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

// hold has a peer cut a minute after its token, unless that is replaced. With
// the lock held.
func (p *peer) hold(ends time.Time) {
	if p.ends = ends; ends.IsZero() {
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

// expired reports whether the server takes nothing before a refresh.
func (p *peer) expired() bool { return !p.ends.IsZero() && !p.ends.After(time.Now()) }

// refresh replaces the token of a peer. With the lock held.
func (s *server) refresh(p *peer, r request) {
	ends := s.tokens[r.Token]
	if !ends.After(time.Now()) {
		p.refuse(r, protocol.CodeBadToken, 0)
		return
	}
	p.hold(ends)
	for _, roomID := range s.revoked {
		delete(s.room(roomID).members, p)
	}
	p.post(protocol.Refreshed{ClientID: r.ClientID, ExpiresAt: ends.UnixMilli(), Left: s.revoked})
}
