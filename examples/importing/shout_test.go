package main

import (
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

func TestShout(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".") // the folder that holds cdk.json
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))

	ada.Send(map[string]any{"action": "shout", "roomId": "lobby", "message": "dinner"})
	if shouted := ada.Await("shouted"); shouted.Number("seq") != 1 {
		t.Errorf("ada got %v", shouted)
	}
	if m := bob.Await("message"); m.Text("message") != "DINNER!" || m.Text("userId") != "shout" {
		t.Errorf("bob got %v", m)
	}
}

func TestShoutRefusesABadFrame(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	for _, frame := range []map[string]any{
		{"action": "shout", "clientId": "c2", "roomId": 5, "message": "dinner"},
		{"action": "shout", "clientId": "c2", "message": "dinner"},
	} {
		ada.Send(frame)
		if e := ada.Await("error"); e.Text("code") != "bad_field" || e.Text("clientId") != "c2" {
			t.Errorf("%v was answered with %v", frame, e)
		}
	}
}

// The function tries again when a write is throttled, and nothing is lost.
func TestShoutSurvivesAThrottledWrite(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	throttled := stack.Inject(t, roomcasttest.Fault{
		Function: "Shout", Service: "dynamodb", Operation: "PutItem", First: 1, Throttle: true,
	})
	ada.Send(map[string]any{"action": "shout", "roomId": "lobby", "message": "dinner"})
	ada.Await("shouted") // the function has tried again
	if throttled.Count() != 1 {
		t.Error("nothing was throttled")
	}
}
