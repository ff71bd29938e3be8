package e2e_test

import (
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/roomcasttest"
)

// The exact frames of the client in the article that Roomcast grew from. That
// client shows every frame as "userId: message".
func TestTheSeedClientWorksUnchanged(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("room_general"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("room_general"))

	ada.Write(websocket.MessageText, []byte(`{"action":"sendMessage","roomId":"room_general","userId":"ada","message":"hello","timestamp":1697654400000}`))
	for name, c := range map[string]*roomcasttest.Client{"ada": ada, "bob": bob} {
		f := c.Await("message")
		if shown := f.Text("userId") + ": " + f.Text("message"); shown != "ada: hello" {
			t.Errorf("%s sees %q, want %q", name, shown, "ada: hello")
		}
	}

	bob.Write(websocket.MessageText, []byte(`{"action":"cursorMove","userId":"bob","position":{"line":5,"column":12},"color":"#db2777"}`))
	f := ada.Await("cursor")
	position, _ := f["position"].(map[string]any)
	if f.Text("userId") != "bob" || f.Text("color") != "#db2777" || position["line"] != 5.0 || position["column"] != 12.0 {
		t.Errorf("ada sees the cursor %v", f)
	}

	// An ack would show as "undefined: undefined", and so would the client's own
	// cursor.
	for name, c := range map[string]*roomcasttest.Client{"ada": ada, "bob": bob} {
		if more := c.Collect(300 * time.Millisecond); len(more) != 0 {
			t.Errorf("%s got more than the message and the other's cursor: %v", name, more)
		}
	}
}
