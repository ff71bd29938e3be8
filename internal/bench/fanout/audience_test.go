package fanout

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
)

// room is a stand-in for a stack: it delivers to whoever is connected, in
// batches of one, and skips the first few.
type room struct {
	skip int

	mu      sync.Mutex
	members map[string][]*websocket.Conn
}

func (s *room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	name := r.URL.Query().Get("roomId")
	s.mu.Lock()
	s.members[name] = append(s.members[name], conn)
	s.mu.Unlock()
	for {
		_, data, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		var in frame
		if json.Unmarshal(data, &in) != nil {
			return
		}
		message, _ := json.Marshal(frame{Type: "batch", Frames: []frame{{Type: "message", Message: in.Message}}})
		ack, _ := json.Marshal(frame{Type: "ack", ClientID: in.ClientID})
		s.mu.Lock()
		for _, member := range s.members[name][s.skip:] {
			_ = member.Write(r.Context(), websocket.MessageText, message)
		}
		_ = conn.Write(r.Context(), websocket.MessageText, ack)
		s.mu.Unlock()
	}
}

func startRoom(t *testing.T, skip int) Stack {
	t.Helper()
	server := httptest.NewServer(&room{skip: skip, members: map[string][]*websocket.Conn{}})
	t.Cleanup(server.Close)
	return Stack{URL: strings.Replace(server.URL, "http", "ws", 1), Usage: func() usage.Snapshot { return usage.Snapshot{} }}
}

func TestDeliveriesToRealConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	for skip, missing := range []int{0, 4, 8} { // of two rooms and two messages
		f := Fanout{
			Stack: startRoom(t, skip), Members: []int{10}, RoomSize: 5, ShardSize: 500, Messages: 2, Bytes: 50,
			Patience: 300 * time.Millisecond, Progress: func(string, ...any) {},
		}
		got, err := f.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := got.Sizes[0]
		if s.Rooms != 2 || s.Missing != missing || s.Doubled != 0 || s.Ack.P50 <= 0 || s.Posts != nil {
			t.Errorf("%d skipped: %+v", skip, s)
		}
		if skip == 0 && (s.Wall.P50 <= 0 || s.Wall.Max > 10_000) {
			t.Errorf("the last delivery took %+v", s.Wall)
		}
	}
}

func TestAChatTimesEveryDelivery(t *testing.T) {
	t.Parallel()
	c, err := Beside{Fanout: Fanout{Stack: startRoom(t, 1)}, Small: 4}.newChat(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	took, err := c.phase(t.Context(), 50, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	// Three of four members get each message, and the fourth's are missed.
	if len(took) < 6 || len(took)%3 != 0 || c.missing != int64(len(took)/3) {
		t.Errorf("%d deliveries, %d missing", len(took), c.missing)
	}
}
