package roomcasttest_test

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/authorize"
	"github.com/roomcast/roomcast/roomcasttest"
)

// t stands for the argument of a test in these examples.
var t *testing.T

// Two users chat in the app of the folder above.
func ExampleRun() {
	stack := roomcasttest.Run(t, "..")
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))

	ada.Send(map[string]any{"action": "sendMessage", "message": "hello", "clientId": "1"})
	ada.Await("ack")
	if m := bob.Await("message"); m.Text("message") != "hello" {
		t.Errorf("bob got %v", m)
	}
}

// API Gateway closes idle connections after 10 minutes. Here it takes a second.
func ExampleWithIdleTimeout() {
	stack := roomcasttest.Run(t, "..", roomcasttest.WithIdleTimeout(time.Second))
	if code := stack.MustDial(t, roomcasttest.WithUser("ada")).AwaitClose(); code != 1001 {
		t.Errorf("closed with code %d, want 1001", code)
	}
}

// A handshake without a token is refused.
func ExampleStack_Dial() {
	stack := roomcasttest.Run(t, "..")
	_, response, err := stack.Dial(t, roomcasttest.WithRoom("lobby"))
	if err == nil || response.StatusCode != 401 {
		t.Errorf("got the status %v, want 401", response)
	}
}

// A browser sends its token as a subprotocol, which keeps it out of URLs.
func ExampleWithSubprotocols() {
	stack := roomcasttest.Run(t, "..")
	ada := stack.MustDial(t,
		roomcasttest.WithSubprotocols("roomcast", stack.Token(t, "ada")),
		roomcasttest.WithHeader("Origin", "https://app.example"),
		roomcasttest.WithRoom("lobby"))
	ada.Send(map[string]any{"action": "ping"})
	ada.Await("pong")
}

// A user whose token permits reading only is refused when they send.
func ExampleStack_Token() {
	stack := roomcasttest.Run(t, "..")
	token := stack.Token(t, "bob", map[string]any{
		"roomcast": authorize.Permissions{Rules: authorize.Rules{Join: authorize.Patterns{"news"}}},
	})
	reader := stack.MustDial(t, roomcasttest.WithToken(token), roomcasttest.WithRoom("news"))
	reader.Send(map[string]any{"action": "sendMessage", "message": "hello"})
	if e := reader.Await("error"); e.Text("code") != "forbidden" {
		t.Errorf("bob got %v", e)
	}
}

// An app whose tokens come from Cognito or Auth0 is tested with the tokens of a
// stand-in.
func ExampleNewIdentityProvider() {
	provider := roomcasttest.NewIdentityProvider(t)
	stack := roomcasttest.Run(t, "..", roomcasttest.WithIdentityProvider(provider))
	admin := provider.Token(t, "ada", map[string]any{"scope": "admin"})
	stack.MustDial(t, roomcasttest.WithToken(admin))
}

// DynamoDB throttles the first write of a function, which then tries again.
func ExampleFault() {
	stack := roomcasttest.Run(t, "..")
	throttled := stack.Inject(t, roomcasttest.Fault{
		Service: "dynamodb", Operation: "PutItem", First: 1, Throttle: true,
	})
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	ada.Send(map[string]any{"action": "sendMessage", "message": "hello"})
	ada.Await("message")
	if throttled.Count() != 1 {
		t.Error("no write was throttled")
	}
}

// A function is killed after it stored the message and before API Gateway gets
// its answer: the client sees an error, and the message is in the table.
func ExampleStack_Inject() {
	stack := roomcasttest.Run(t, "..")
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	killed := stack.Inject(t, roomcasttest.Fault{
		Function: "Chat/Messages", Nth: 1, Kill: roomcasttest.KillAfter,
	})
	ada.Send(map[string]any{"action": "sendMessage", "message": "hello"})
	ada.AwaitFrame("with an error", func(f roomcasttest.Frame) bool {
		return f.Text("message") == "Internal server error"
	})
	if killed.Count() != 1 || len(stack.Items(t, "MessageTableName", "ROOM#lobby")) != 2 {
		t.Error("the message is lost")
	}
}

// The items of a table, which is named by a stack output.
func ExampleStack_Items() {
	stack := roomcasttest.Run(t, "..")
	stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	for _, member := range stack.Items(t, "ConnectionTableName", "ROOM#lobby#0") {
		if member.Text("userId") != "ada" || member.Number("connectedAt") == 0 {
			t.Errorf("the member is %v", member)
		}
	}
}

// A message to a room of two is billed as three messages: one in, two out.
func ExampleStack_Usage() {
	stack := roomcasttest.Run(t, "..")
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))
	stack.ResetUsage()
	ada.Send(map[string]any{"action": "sendMessage", "message": "hello"})
	bob.Await("message")
	ada.Await("message")
	if used := stack.Usage().WebSocket; used.MessagesIn != 1 || used.MessagesOut != 2 {
		t.Errorf("used %+v", used)
	}
}
