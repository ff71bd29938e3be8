package e2e_test

import (
	"slices"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

// TestFunctionsOfASession does what a typical chat user does, and lists the
// functions that run: in an unused stack each of them is a cold start.
func TestFunctionsOfASession(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, guarded)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"))
	for _, step := range []struct {
		frame  object
		answer string
	}{
		{object{"action": "inbox"}, "inbox"},
		{object{"action": "join", "roomId": "lobby", "heartbeat": 60}, "joined"},
		{object{"action": "history", "roomId": "lobby"}, "history"},
		{object{"action": "presence"}, "presence"},
		{object{"action": "ping"}, "pong"},
		{object{"action": "sendMessage", "message": "hello", "clientId": "1"}, "ack"},
		{object{"action": "leave", "roomId": "lobby"}, "left"},
	} {
		ada.Send(step.frame)
		ada.Await(step.answer)
	}
	ada.Send(object{"action": "join", "roomId": "lobby"})
	ada.Await("joined")
	ada.Send(object{"action": "cursorMove", "roomId": "lobby", "position": object{"x": 1, "y": 2}})
	want := []string{"Auth", "Chat/Ephemeral", "Chat/Inbox", "Chat/Messages", "Chat/Rooms", "Chat/Session"}
	var ran []string
	roomcasttest.Eventually(t, "the functions have run", func() bool {
		ran = nil
		for _, f := range stack.Usage().Lambda.Functions {
			ran = append(ran, f.Function)
		}
		slices.Sort(ran)
		return slices.Equal(ran, want)
	})
	ada.Close()
}
