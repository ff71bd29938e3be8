package main

import (
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

func TestShout(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".") // the folder that holds cdk.json
	ada := stack.Connect(t, "token", stack.Token(t, "ada"), "roomId", "lobby")
	bob := stack.Connect(t, "token", stack.Token(t, "bob"), "roomId", "lobby")

	ada.Send(map[string]any{"action": "shout", "roomId": "lobby", "message": "dinner"})
	if shouted := ada.Await("shouted"); shouted.Number("seq") != 1 {
		t.Errorf("ada is answered %v", shouted)
	}
	if m := bob.Await("message"); m.Text("message") != "DINNER!" || m.Text("userId") != "shout" {
		t.Errorf("bob gets %v", m)
	}
}

func TestShoutRefusesWhatIsNoFrame(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.Connect(t, "token", stack.Token(t, "ada"), "roomId", "lobby")
	for _, frame := range []map[string]any{
		{"action": "shout", "clientId": "c2", "roomId": 5, "message": "dinner"},
		{"action": "shout", "clientId": "c2", "message": "dinner"},
	} {
		ada.Send(frame)
		if e := ada.Await("error"); e.Text("code") != "bad_field" || e.Text("clientId") != "c2" {
			t.Errorf("%v is answered %v", frame, e)
		}
	}
}

// The function tries again when the table is slow to take the message: one
// throttled write costs nobody anything.
func TestShoutOutlastsAThrottledWrite(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.Connect(t, "token", stack.Token(t, "ada"), "roomId", "lobby")
	throttled := stack.Inject(t, roomcasttest.Fault{
		Function: "Shout", Service: "dynamodb", Operation: "PutItem", First: 1, Throttle: true,
	})
	ada.Send(map[string]any{"action": "shout", "roomId": "lobby", "message": "dinner"})
	ada.Await("shouted") // the function has tried again
	if throttled.Count() != 1 {
		t.Error("nothing was throttled")
	}
}
