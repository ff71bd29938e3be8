package roomcasttest_test

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/authorize"
	"github.com/roomcast/roomcast/roomcasttest"
)

// t stands for the argument of a test in these examples.
var t *testing.T

// The app in the folder above runs, and two users chat.
func ExampleRun() {
	stack := roomcasttest.Run(t, "..")
	ada := stack.Connect(t, "token", stack.Token(t, "ada"), "roomId", "lobby")
	bob := stack.Connect(t, "token", stack.Token(t, "bob"), "roomId", "lobby")

	ada.Send(map[string]any{"action": "sendMessage", "message": "hello", "clientId": "1"})
	ada.Await("ack")
	if m := bob.Await("message"); m.Text("message") != "hello" {
		t.Errorf("bob gets %v", m)
	}
}

// Connections that are idle are closed by API Gateway; here after a second.
func ExampleIdleTimeout() {
	stack := roomcasttest.Run(t, "..", roomcasttest.Open(), roomcasttest.IdleTimeout(time.Second))
	if code := stack.Connect(t, "userId", "ada").AwaitClose(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
}

// A user whose token permits to read along says something all the same.
func ExampleStack_Token() {
	stack := roomcasttest.Run(t, "..")
	reader := stack.Connect(t, "roomId", "news", "token", stack.Token(t, "bob", map[string]any{
		"roomcast": authorize.Permissions{Rules: authorize.Rules{Join: authorize.Patterns{"news"}}},
	}))
	reader.Send(map[string]any{"action": "sendMessage", "message": "hello"})
	if refused := reader.Await("error"); refused.Text("code") != "forbidden" {
		t.Errorf("bob is answered %v", refused)
	}
}

// The function is killed when it has written the message and before API
// Gateway hears of it: the message is in the table, the client is told of an
// error.
func ExampleStack_Inject() {
	stack := roomcasttest.Run(t, "..", roomcasttest.Open())
	ada := stack.Connect(t, "userId", "ada", "roomId", "lobby")
	killed := stack.Inject(t, roomcasttest.Fault{
		Function: "Chat/SendMessage", Nth: 1, Kill: roomcasttest.KillAfter,
	})
	ada.Send(map[string]any{"action": "sendMessage", "message": "hello"})
	ada.AwaitFrame("of an error", func(f roomcasttest.Frame) bool {
		return f.Text("message") == "Internal server error"
	})
	if killed.Count() != 1 || len(stack.Items(t, "MessageTableName", "ROOM#lobby")) != 2 {
		t.Error("the message is lost")
	}
}

// Two rows of a table: Roomcast's are named by stack outputs.
func ExampleStack_Items() {
	stack := roomcasttest.Run(t, "..", roomcasttest.Open())
	stack.Connect(t, "userId", "ada", "roomId", "lobby")
	for _, member := range stack.Items(t, "ConnectionTableName", "ROOM#lobby#0") {
		if member.Text("userId") != "ada" || member.Number("connectedAt") == 0 {
			t.Errorf("the member is %v", member)
		}
	}
}

// A message to a room of two is three messages for API Gateway: one in, two out.
func ExampleStack_Usage() {
	stack := roomcasttest.Run(t, "..", roomcasttest.Open())
	ada := stack.Connect(t, "userId", "ada", "roomId", "lobby")
	bob := stack.Connect(t, "userId", "bob", "roomId", "lobby")
	stack.ResetUsage()
	ada.Send(map[string]any{"action": "sendMessage", "message": "hello"})
	bob.Await("message")
	ada.Await("message")
	if used := stack.Usage().WebSocket; used.MessagesIn != 1 || used.MessagesOut != 2 {
		t.Errorf("used %+v", used)
	}
}
