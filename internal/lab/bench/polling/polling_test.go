package polling

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/local/usage"
)

// asEndpoint makes this test program the endpoint's process.
const asEndpoint = "ROOMCAST_TEST_ENDPOINT"

func TestMain(m *testing.M) {
	if os.Getenv(asEndpoint) == "" {
		os.Exit(m.Run())
	}
	if err := Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// stack is a stand-in: it pushes to every connection of a room.
type stack struct {
	mu    sync.Mutex
	rooms map[string]*websocket.Conn
}

func (s *stack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := s.join(w, r)
	if err != nil {
		return
	}
	for {
		if _, _, err := conn.Read(r.Context()); err != nil {
			return
		}
	}
}

// join makes a member before anything that is sent after its handshake is
// delivered.
func (s *stack) join(w http.ResponseWriter, r *http.Request) (*websocket.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn, err := websocket.Accept(w, r, nil)
	if err == nil {
		s.rooms[r.URL.Query().Get("roomId")] = conn
	}
	return conn, err
}

func (s *stack) publish(ctx context.Context, room, text string) error {
	data, err := json.Marshal(pushed{Type: "message", Message: text})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[room].Write(ctx, websocket.MessageText, data)
}

func TestBothSidesBringEveryUpdate(t *testing.T) {
	t.Parallel()
	s := &stack{rooms: map[string]*websocket.Conn{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	got, err := Polling{
		URL: strings.Replace(server.URL, "http", "ws", 1), Publish: s.publish,
		Usage: func() usage.Snapshot { return usage.Snapshot{} }, Progress: func(string, ...any) {},
		Endpoint: func(context.Context) *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), asEndpoint+"=yes")
			return cmd
		},
		Users: 120, Bytes: 50, Interval: 200 * time.Millisecond, Duration: time.Second,
	}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Err(); err != nil {
		t.Error(err)
	}
	if got.WebSocket.Updates != 2 || got.Polling.Updates != 2 { // a second of one a minute
		t.Errorf("updates: %d and %d", got.WebSocket.Updates, got.Polling.Updates)
	}
	// 5 polls each; a machine that is busy makes fewer.
	if n := got.Polling.Requests; n < 120*2 || n > 120*6 {
		t.Errorf("%d polls", n)
	}
	// A push is its frame: a header of two bytes and some JSON.
	if down := got.WebSocket.Wire.Down; down < 2*(2+50) || down > 2*150 {
		t.Errorf("%d bytes pushed", down)
	}
	if got.WebSocket.Connecting.Up < 120*100 || got.Polling.Wire.Up < got.Polling.Requests*40 {
		t.Errorf("bytes: %+v, %+v", got.WebSocket, got.Polling)
	}
	if got.Polling.Latency.Max > 2000 || got.WebSocket.Latency.P50 <= 0 || got.FewerBytes < 0.5 {
		t.Errorf("got %+v", got)
	}
}

func TestALostUpdateIsAnError(t *testing.T) {
	t.Parallel()
	r := Result{WebSocket: Side{Updates: 5, Arrived: 5}, Polling: Side{Updates: 5, Arrived: 4}}
	if err := r.Err(); err == nil || err.Error() != "bench polling: 1 updates did not arrive" {
		t.Errorf("got %v", err)
	}
}

func TestBillsAreFor30Days(t *testing.T) {
	t.Parallel()
	// 1,000 polls a second for a minute.
	got := pollBill(Side{Requests: 60_000}, time.Minute)
	if want := 2592e6 * 0.20 / 1e6; math.Abs(got.Lambda-want-2592e6*0.00025*0.0000133334) > 0.001 {
		t.Errorf("got %+v", got)
	}
	var after usage.Snapshot
	after.WebSocket.MessagesOut = 1000
	got = pushBill(usage.Snapshot{}, after, time.Minute, 1000, Side{})
	// 43.2 million messages and as many minutes of connections.
	if want := 43.2*1.00 + 43.2*0.25; math.Abs(got.Total-want) > 0.001 || got.Gateway != got.Total {
		t.Errorf("got %+v, want %v", got, want)
	}
}

func TestWorkloadsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	for _, p := range []Polling{
		{Bytes: 1, Interval: time.Second, Duration: time.Second}, {Users: 1, Bytes: 1, Interval: time.Microsecond, Duration: time.Second},
		{Users: 1, Bytes: 1, Interval: time.Second},
	} {
		if _, err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "bench polling:") {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
