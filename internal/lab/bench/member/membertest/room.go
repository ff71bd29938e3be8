// Package membertest stands in for a stack where members of rooms are tested.
package membertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/lab/bench/member"
)

// Start starts a stack and returns its WebSocket URL. It delivers to every client that is
// connected to a room but for the first few, in batches of one.
func Start(t *testing.T, skip int) string {
	t.Helper()
	server := httptest.NewServer(&room{skip: skip, members: map[string][]*websocket.Conn{}})
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http", "ws", 1)
}

type room struct {
	skip int

	mu      sync.Mutex
	members map[string][]*websocket.Conn
}

func (s *room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("roomId")
	conn, err := s.join(w, r, name)
	if err != nil {
		return
	}
	for {
		_, data, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		var in member.Frame
		if json.Unmarshal(data, &in) != nil {
			return
		}
		message, _ := json.Marshal(member.Frame{Type: "batch", Frames: []member.Frame{{Type: "message", Message: in.Message}}})
		ack, _ := json.Marshal(member.Frame{Type: "ack", ClientID: in.ClientID})
		s.mu.Lock()
		for _, to := range s.members[name][s.skip:] {
			_ = to.Write(r.Context(), websocket.MessageText, message)
		}
		_ = conn.Write(r.Context(), websocket.MessageText, ack)
		s.mu.Unlock()
	}
}

// join makes a member before anything that is sent after its handshake is
// delivered.
func (s *room) join(w http.ResponseWriter, r *http.Request, name string) (*websocket.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn, err := websocket.Accept(w, r, nil)
	if err == nil {
		s.members[name] = append(s.members[name], conn)
	}
	return conn, err
}
