package chaos

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/roomcast/roomcast/roomcastclient"
)

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want Outcome
		code string
	}{
		{nil, Acked, ""},
		{&roomcastclient.Error{Code: roomcastclient.CodeBadField}, Refused, "bad_field"},
		{fmt.Errorf("send: %w", &roomcastclient.Error{Code: roomcastclient.CodeMessageTooLarge}), Refused, "message_too_large"},
		{&roomcastclient.Error{Code: roomcastclient.CodeQueueFull}, Refused, "queue_full"},
		{&roomcastclient.Error{Code: roomcastclient.CodeOutcomeUnknown}, Unknown, ""},
		{&roomcastclient.Error{Code: roomcastclient.CodeClosed}, Unknown, ""},
		{&roomcastclient.Error{Code: roomcastclient.CodeLeft}, Unknown, ""},
		{context.Canceled, Unknown, ""},
		{errors.New("else"), Unknown, ""},
	} {
		if got, code := outcomeOf(c.err); got != c.want || code != c.code {
			t.Errorf("%v: %s %q, want %s %q", c.err, got, code, c.want, c.code)
		}
	}
}

// A context of this kind tells when somebody waits for its end, and only then.
func TestTaken(t *testing.T) {
	t.Parallel()
	parent, cancel := context.WithCancel(t.Context())
	c := newTaken(parent)
	if err := context.Cause(c); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.taken:
		t.Error("taken before anybody waits")
	default:
	}
	c.Done()
	c.Done()
	select {
	case <-c.taken:
	default:
		t.Error("not taken though somebody waits")
	}
	cancel()
	if <-c.Done(); c.Err() == nil {
		t.Error("it does not end with its parent")
	}
}

// A notification is acknowledged when every device of its user was given it.
func TestAcknowledgerWaitsForEveryDevice(t *testing.T) {
	t.Parallel()
	k := newAcknowledger()
	for _, name := range []string{"a.1", "a.2"} {
		k.add(&device{plan: Plan{Device: name, User: "ada"}})
	}
	k.add(&device{plan: Plan{Device: "h.1", User: "hal", Hoards: true}})
	k.received("ada", "a.1", "n1")
	k.received("ada", "a.1", "n1")
	k.received("hal", "h.1", "n1")
	if got := k.complete("ada"); len(got) != 0 || !k.isEmpty() {
		t.Errorf("complete are %v, though one device is missing", got)
	}
	k.received("ada", "a.2", "n1")
	if got := k.complete("ada"); len(got) != 1 || got[0] != "n1" || k.isEmpty() {
		t.Errorf("complete are %v", got)
	}
	k.acknowledged("ada", []string{"n1"})
	if got := k.complete("ada"); len(got) != 0 || !k.isEmpty() {
		t.Errorf("after the acknowledgement %v", got)
	}
}
