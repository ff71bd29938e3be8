package roomcasttest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
)

// A client that looks at nothing still reads on: it sees the close at once,
// and every frame afterwards.
func TestUnreadFramesHaveNoLimit(t *testing.T) {
	t.Parallel()
	const frames = 5000
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		for range frames {
			if err := conn.Write(r.Context(), websocket.MessageText, []byte(`{"type":"tick"}`)); err != nil {
				t.Error(err)
				return
			}
		}
		_ = conn.Close(websocket.StatusGoingAway, "")
	}))
	t.Cleanup(server.Close)
	conn, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, conn)
	if code := c.AwaitClose(); code != websocket.StatusGoingAway {
		t.Errorf("the connection was closed with %v", code)
	}
	if got := len(c.Collect(timeout)); got != frames {
		t.Errorf("got %d frames, want %d", got, frames)
	}
}
