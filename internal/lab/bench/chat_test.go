package bench_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/lab/bench"
)

// room is a stand-in for a stack: it delivers to every connection, and
// copies says how often the n-th delivery is made.
type room struct {
	copies func(n int) int

	mu      sync.Mutex
	n       int
	members map[string][]*websocket.Conn
}

func (s *room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := s.join(w, r)
	if err != nil {
		return
	}
	for {
		_, data, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		var in struct{ RoomID, Message, ClientID string }
		if json.Unmarshal(data, &in) != nil {
			return
		}
		ack, _ := json.Marshal(map[string]string{"type": "ack", "clientId": in.ClientID})
		message, _ := json.Marshal(map[string]string{"type": "message", "message": in.Message})
		s.mu.Lock()
		_ = conn.Write(r.Context(), websocket.MessageText, ack)
		for _, member := range s.members[in.RoomID] {
			for range s.copies(s.n) {
				_ = member.Write(r.Context(), websocket.MessageText, message)
			}
			s.n++
		}
		s.mu.Unlock()
	}
}

// join makes a member before anything that is sent after its handshake is
// delivered.
func (s *room) join(w http.ResponseWriter, r *http.Request) (*websocket.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn, err := websocket.Accept(w, r, nil)
	if err == nil {
		name := r.URL.Query().Get("roomId")
		s.members[name] = append(s.members[name], conn)
	}
	return conn, err
}

func TestChatCountsWhatEveryMemberGot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                           string
		copies                         func(int) int
		delivered, missing, duplicates int
	}{
		{"all once", func(int) int { return 1 }, 80, 0, 0},
		{"one lost", func(n int) int { return min(n, 1) }, 79, 1, 0},
		{"one doubled", func(n int) int { return 1 + max(0, 1-n) }, 81, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(&room{copies: c.copies, members: map[string][]*websocket.Conn{}})
			defer server.Close()
			got, err := bench.Chat{
				URL: strings.Replace(server.URL, "http", "ws", 1), Users: 20, RoomSize: 4, Rate: 2000,
				Timeout: 300 * time.Millisecond,
			}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.Expected != 80 || got.Delivered != c.delivered || got.Missing != c.missing || got.Duplicates != c.duplicates || got.Errors != 0 {
				t.Errorf("got %+v", got)
			}
			if got.Delivery.P99 <= 0 || got.Delivery.P50 > got.Delivery.P99 {
				t.Errorf("latency %+v", got.Delivery)
			}
		})
	}
}

func TestChatRefusesAWorkloadThatDoesNotFit(t *testing.T) {
	t.Parallel()
	for _, c := range []bench.Chat{
		{Users: 11, RoomSize: 10, Rate: 1}, {Users: 0, RoomSize: 1, Rate: 1}, {Users: 10, RoomSize: 0, Rate: 1}, {Users: 10, RoomSize: 10},
	} {
		if _, err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "bench chat:") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
