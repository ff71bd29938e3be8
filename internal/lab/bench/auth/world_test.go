package auth

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/local/usage"
	"github.com/roomcast/roomcast/internal/token"
)

const secret = "0123456789abcdefghijklmnopqrstuv"

// standIn stands in for a stack with figures that are known: a handshake takes
// 2 ms and 3 write units, with a token 1 ms and a unit more; a message 3 write
// and 2 read units, with a limit a write unit more. A refused one takes a read
// unit. Of "excessive" it accepts three messages, of "mallory" every fifth, of "reader" none.
type standIn struct {
	limited bool
	meter   *usage.Meter

	mu   sync.Mutex
	room map[*websocket.Conn]string
	sent map[string]int // by user
}

func startStandIn(t *testing.T, limited bool) Stack {
	t.Helper()
	s := &standIn{limited: limited, meter: usage.New(), room: map[*websocket.Conn]string{}, sent: map[string]int{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	stack := Stack{URL: strings.Replace(server.URL, "http", "ws", 1), Usage: s.meter.Snapshot}
	if limited {
		stack.Sign = func(claims map[string]any) (string, error) { return token.Mint(secret, claims) }
	}
	return stack
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, room := r.URL.Query().Get("userId"), r.URL.Query().Get("roomId")
	extra := 0.0
	if s.limited {
		v, _ := token.NewVerifier(token.Config{Secrets: secrets})
		claims, err := v.Verify(r.Context(), r.URL.Query().Get("token"))
		if err != nil || user != "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		user, extra = claims.UserID, 1
		s.meter.Invocation(Authorizer, 128, time.Millisecond, 0)
	}
	s.meter.Invocation(Session, 128, 2*time.Millisecond, 0)
	s.meter.Table(Session, "connections", "PutItem", 0, 3+extra)
	conn, err := s.join(w, r, room)
	if err != nil {
		return
	}
	for {
		_, data, err := conn.Read(r.Context())
		if err != nil {
			break
		}
		s.message(r, conn, user, room, data, extra)
	}
	s.mu.Lock()
	delete(s.room, conn)
	s.mu.Unlock()
	s.meter.Invocation(Session, 128, time.Millisecond, 0)
}

// join makes a member before anything that is sent after its handshake is
// delivered.
func (s *standIn) join(w http.ResponseWriter, r *http.Request, room string) (*websocket.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn, err := websocket.Accept(w, r, nil)
	if err == nil {
		s.room[conn] = room
	}
	return conn, err
}

func (s *standIn) message(r *http.Request, conn *websocket.Conn, user, room string, data []byte, extra float64) {
	var in struct{ Message, ClientID string }
	_ = json.Unmarshal(data, &in)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meter.Invocation(Sender, 128, time.Millisecond, 0)
	answer := map[string]string{"type": "ack", "clientId": in.ClientID}
	s.sent[user]++
	switch {
	case user == "reader":
		answer = map[string]string{"type": "error", "code": "forbidden"}
	case user == "excessive" && s.sent[user] > 3, user == "mallory" && s.sent[user]%5 != 0:
		answer = map[string]string{"type": "error", "code": "rate_limited"}
	}
	if answer["type"] == "error" {
		s.meter.Table(Sender, "connections", "GetItem", 1, 0)
	} else {
		s.meter.Table(Sender, "messages", "PutItem", 2, 3+extra)
		message, _ := json.Marshal(map[string]string{"type": "message", "message": in.Message})
		for to, in := range s.room {
			if in == room {
				_ = to.Write(r.Context(), websocket.MessageText, message)
			}
		}
	}
	text, _ := json.Marshal(answer)
	_ = conn.Write(r.Context(), websocket.MessageText, text)
}
