package main

import (
	"strings"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

// The answer repeats the clientId, by which client.request() of the TypeScript
// client and Client.Request of the Go client recognize it.
func TestShoutRepeatsTheClientID(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	ada.Send(map[string]any{"action": "shout", "clientId": "c1", "roomId": "lobby", "message": "dinner"})
	if shouted := ada.Await("shouted"); shouted.Text("clientId") != "c1" {
		t.Errorf("ada got %v", shouted)
	}
}

// A client that misspells an action gets a list of the existing ones, including
// those of this app.
func TestAnUnknownActionNamesShout(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	ada.Send(map[string]any{"action": "shuot", "roomId": "lobby", "message": "dinner"})
	if e := ada.Await("error"); e.Text("code") != "unknown_action" || !strings.HasSuffix(e.Text("message"), ", shout") {
		t.Errorf("ada got %v", e)
	}
}
