package main

import (
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

// as connects with a session cookie.
func as(t *testing.T, stack *roomcasttest.Stack, session string) *roomcasttest.Client {
	t.Helper()
	return stack.MustDial(t, roomcasttest.WithHeader("Cookie", "session="+session), roomcasttest.WithRoom("lobby"))
}

// The cookie says who a client is, and the authorizer what the user may do.
func TestSessions(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada, bob := as(t, stack, "ada"), as(t, stack, "bob")
	ada.Send(map[string]any{"action": "sendMessage", "roomId": "lobby", "message": "hello"})
	if m := bob.Await("message"); m.Text("userId") != "ada" || m.Text("message") != "hello" {
		t.Errorf("bob got %v", m)
	}
	ada.Send(map[string]any{"action": "join", "roomId": "vault"})
	if e := ada.Await("error"); e.Text("code") != "forbidden" {
		t.Errorf("ada got %v, want forbidden", e)
	}
}

// Without a session, or without any cookie, a handshake is refused.
func TestNoSession(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	for name, options := range map[string][]roomcasttest.DialOption{
		"no cookie":      nil,
		"another cookie": {roomcasttest.WithHeader("Cookie", "theme=dark")},
		"only a name":    {roomcasttest.WithQuery("userId", "ada")},
	} {
		if _, response, err := stack.Dial(t, options...); err == nil || response == nil || response.StatusCode != 401 {
			t.Errorf("%s: got %v, %v, want status 401", name, response, err)
		}
	}
}

// When the session ends frames are refused, and the schedule closes the
// connection. There is no action refresh.
func TestASessionEnds(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := as(t, stack, "ada-brief")
	ada.Send(map[string]any{"action": "refresh", "token": "x"})
	if e := ada.Await("error"); e.Text("code") != "unknown_action" {
		t.Errorf("a refresh got %v, want unknown_action", e)
	}
	roomcasttest.Eventually(t, "the session has ended", func() bool {
		ada.Send(map[string]any{"action": "presence", "roomId": "lobby"})
		answer := ada.AwaitFrame("with an answer", func(roomcasttest.Frame) bool { return true })
		return answer.Text("code") == "token_expired"
	})
	roomcasttest.Eventually(t, "the connection is removed", func() bool {
		stack.FireSchedule(t, "Chat/Expiry")
		return len(stack.AllItems(t, "ConnectionTableName")) == 0
	})
	ada.AwaitClose()
}
