package main

import (
	"strings"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

// The answer repeats the clientId, by which client.request() of the TypeScript
// client and Client.Request of the Go client know it.
func TestShoutRepeatsTheClientID(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.Connect(t, "token", stack.Token(t, "ada"), "roomId", "lobby")
	ada.Send(map[string]any{"action": "shout", "clientId": "c1", "roomId": "lobby", "message": "dinner"})
	if shouted := ada.Await("shouted"); shouted.Text("clientId") != "c1" {
		t.Errorf("ada is answered %v", shouted)
	}
}

// A client that misspells the action is shown which there are, this app's too.
func TestAnUnknownActionNamesShout(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, ".")
	ada := stack.Connect(t, "token", stack.Token(t, "ada"), "roomId", "lobby")
	ada.Send(map[string]any{"action": "shuot", "roomId": "lobby", "message": "dinner"})
	if e := ada.Await("error"); e.Text("code") != "unknown_action" || !strings.HasSuffix(e.Text("message"), ", shout") {
		t.Errorf("the answer is %v", e)
	}
}
