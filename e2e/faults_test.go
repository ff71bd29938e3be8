package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/roomcasttest"
)

const (
	sender    = "Chat/Messages"
	broadcast = "Broadcast"
)

// When AWS's services fail, no message is lost: the sender gets its ack, and
// every other member gets the message once.
func TestFaultsThatNobodyNotices(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly, unlimited)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))
	for n, c := range []struct {
		name  string
		fault roomcasttest.Fault
		count int
	}{
		{"a throttled table", roomcasttest.Fault{Service: "dynamodb", Operation: "PutItem", Resource: messages, First: 1, Throttle: true}, 1},
		{"throttling on demand", roomcasttest.Fault{Service: "dynamodb", Operation: "Query", Resource: connections, First: 1, Throttle: true, Code: "ThrottlingException"}, 1},
		{"a table that fails", roomcasttest.Fault{Service: "dynamodb", Operation: "GetItem", First: 1, Status: 500}, 1},
		{"a table that is away", roomcasttest.Fault{Service: "dynamodb", Operation: "PutItem", First: 1, Status: 503}, 1},
		{"a cut connection to a table", roomcasttest.Fault{Service: "dynamodb", Operation: "PutItem", First: 1, Reset: true}, 1},
		{"a lost answer of a table", roomcasttest.Fault{Service: "dynamodb", Operation: "PutItem", First: 1, Reset: true, After: true}, 1},
		{"a failure after the write", roomcasttest.Fault{Service: "dynamodb", Operation: "PutItem", First: 1, Status: 500, After: true}, 1},
		{"a throttled post", roomcasttest.Fault{Operation: "PostToConnection", First: 2, Throttle: true}, 2},
		{"a failing post", roomcasttest.Fault{Operation: "PostToConnection", First: 1, Status: 500}, 1},
		{"a cut connection to API Gateway", roomcasttest.Fault{Operation: "PostToConnection", First: 1, Reset: true}, 1},
		{"a 410 that is not true", roomcasttest.Fault{Operation: "PostToConnection", First: 1, FalselyGone: true}, 1},
		{"slowness", roomcasttest.Fault{Function: sender, Service: "dynamodb", Limit: 2, Latency: 50 * time.Millisecond}, 2},
	} {
		injected := stack.Inject(t, c.fault)
		text := fmt.Sprint(c.name, " ", n)
		ada.Send(object{"action": "sendMessage", "message": text, "clientId": text})
		acked := ada.AwaitFrame("that answers", func(f roomcasttest.Frame) bool { return f.Type() != "message" })
		if acked.Type() != "ack" {
			t.Errorf("%s: the sender is answered %v", c.name, acked)
			continue
		}
		if m := bob.Await("message"); m.Text("message") != text {
			t.Errorf("%s: bob gets %v", c.name, m)
		}
		if got := injected.Count(); got != c.count {
			t.Errorf("%s: injected %d times, want %d", c.name, got, c.count)
		}
		injected.Remove()
	}
	if more := bob.Collect(200 * time.Millisecond); len(more) != 0 {
		t.Errorf("bob got more than each message once: %v", more)
	}
	if members := stack.Items(t, connections, "ROOM#lobby#0"); len(members) != 2 {
		t.Errorf("somebody was taken for gone: %v", members)
	}
}

// If nothing can be done, the sender gets an error, and the stack continues to
// work.
func TestFaultsThatTheSenderHearsOf(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	for n, c := range []struct {
		name  string
		fault roomcasttest.Fault
		log   string // whether the message is in the log: yes, no or maybe
	}{
		{"a function killed before", roomcasttest.Fault{Function: sender, First: 1, Kill: roomcasttest.KillBefore}, "no"},
		{"a function killed at work", roomcasttest.Fault{Function: sender, First: 1, Kill: roomcasttest.KillDuring}, "maybe"},
		{"a function killed after", roomcasttest.Fault{Function: sender, First: 1, Kill: roomcasttest.KillAfter}, "yes"},
		{"a throttled function", roomcasttest.Fault{Function: sender, Service: "lambda", First: 1, Throttle: true}, "no"},
		{"a table that stays away", roomcasttest.Fault{Service: "dynamodb", Operation: "UpdateItem", Resource: messages, Status: 503}, "no"},
	} {
		injected := stack.Inject(t, c.fault)
		ada.Send(object{"action": "sendMessage", "message": fmt.Sprint("lost ", n), "clientId": c.name})
		answer := ada.AwaitFrame("that answers", func(f roomcasttest.Frame) bool { return f.Type() != "message" })
		if answer.Type() == "ack" {
			t.Errorf("%s: the sender is answered %v", c.name, answer)
		}
		if injected.Count() == 0 {
			t.Errorf("%s was not injected", c.name)
		}
		injected.Remove()
		found := "no"
		for _, row := range stack.Items(t, messages, "ROOM#lobby") {
			if row.Text("message") == fmt.Sprint("lost ", n) {
				found = "yes"
			}
		}
		if c.log != "maybe" && found != c.log {
			t.Errorf("%s: is the message in the log? %s, want %s", c.name, found, c.log)
		}
		ada.Send(object{"action": "sendMessage", "message": "on", "clientId": "on"})
		ada.Await("ack")
	}
}

func TestAConnectionThatBreaksUnderAPost(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))
	id := stack.Items(t, connections, "USER#bob")[0].Text("connectionId")
	gone := stack.Inject(t, roomcasttest.Fault{Operation: "PostToConnection", Resource: id, First: 1, Gone: true})

	ada.Send(object{"action": "sendMessage", "message": "bob?", "clientId": "c"})
	ada.Await("ack")
	if code := bob.AwaitClose(); code != -1 {
		t.Errorf("bob's connection was closed with %d, not cut", code)
	}
	roomcasttest.Eventually(t, "bob has left", func() bool {
		return len(stack.Items(t, connections, "ROOM#lobby#0")) == 1 && len(stack.Items(t, connections, "USER#bob")) == 0
	})
	if gone.Count() != 1 {
		t.Errorf("injected %d times", gone.Count())
	}
}

func TestALostDisconnectLeavesTheConnection(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("lobby"))
	lost := stack.Inject(t, roomcasttest.Fault{LostDisconnect: true})
	bob.Close()
	roomcasttest.Eventually(t, "the disconnect is lost", func() bool { return lost.Count() == 1 })
	lost.Remove()
	eve := stack.MustDial(t, roomcasttest.WithUser("eve"), roomcasttest.WithRoom("lobby"))
	eve.Close()
	roomcasttest.Eventually(t, "eve has left", func() bool { return len(stack.Items(t, connections, "USER#eve")) == 0 })
	if rows := stack.Items(t, connections, "USER#bob"); len(rows) != 1 {
		t.Errorf("bob's items are %v, though his end went unnoticed", rows)
	}
}

// A table is unavailable for a while: nobody can connect before it is back.
func TestATableThatIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	const while = 1500 * time.Millisecond
	stack := roomcasttest.Run(t, assembly)
	begin := time.Now()
	away := stack.Inject(t, roomcasttest.Fault{Service: "dynamodb", Resource: connections, Until: while, Status: 500})
	// The function may retry until the table is back, or give up before.
	_, response, err := stack.Dial(t, roomcasttest.WithUser("ada"))
	switch took := time.Since(begin); {
	case err == nil && took < while:
		t.Errorf("connected after %v", took)
	case err != nil && (response == nil || response.StatusCode < 500):
		t.Errorf("a handshake while the table is away: %v, %v", response, err)
	}
	if away.Count() == 0 {
		t.Error("the fault was not injected")
	}
	time.Sleep(time.Until(begin.Add(while)))
	stack.MustDial(t, roomcasttest.WithUser("ada"))
}

// largeRoom connects the members of a room above DirectLimit.
func largeRoom(t *testing.T, stack *roomcasttest.Stack) []*roomcasttest.Client {
	members := make([]*roomcasttest.Client, 101)
	for i := range members {
		members[i] = stack.MustDial(t, roomcasttest.WithUser(fmt.Sprint("user", i)), roomcasttest.WithRoom("arena"))
	}
	return members
}

func TestAQueueThatDeliversTwice(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	members := largeRoom(t, stack)
	twice := stack.Inject(t, roomcasttest.Fault{Operation: "Deliver", First: 1, Duplicate: true})
	members[0].Send(object{"action": "sendMessage", "message": "hello", "clientId": "1"})
	first, second := members[1].Await("message"), members[1].Await("message")
	if first.Text("id") != second.Text("id") || twice.Count() != 1 {
		t.Errorf("got %v and %v, injected %d times", first, second, twice.Count())
	}
}

func TestAQueueThatIsLate(t *testing.T) {
	t.Parallel()
	const late = 2 * time.Second
	stack := roomcasttest.Run(t, assembly)
	members := largeRoom(t, stack)
	held := stack.Inject(t, roomcasttest.Fault{Operation: "Deliver", Resource: "BroadcastQueueUrl", First: 1, Late: late})
	begin := time.Now()
	members[0].Send(object{"action": "sendMessage", "message": "hello", "clientId": "1"})
	members[0].Await("ack")
	if depth := stack.Depth(t, "BroadcastQueueUrl"); depth.Total() != 1 {
		t.Errorf("the queue holds %+v while its message is late", depth)
	}
	members[1].Await("message")
	if took := time.Since(begin); took < late || held.Count() != 1 {
		t.Errorf("delivered after %v, injected %d times", took, held.Count())
	}
}

func TestASlowTableIsWaitedFor(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	stack.Inject(t, roomcasttest.Fault{Service: "dynamodb", Operation: "PutItem", Resource: messages, Latency: 400 * time.Millisecond})
	begin := time.Now()
	ada.Send(object{"action": "sendMessage", "message": "hello", "clientId": "1"})
	ada.Await("ack")
	if took := time.Since(begin); took < 400*time.Millisecond {
		t.Errorf("acknowledged after %v", took)
	}
	ada.Write(websocket.MessageText, []byte(`{"action":"ping"}`))
	ada.Await("pong")
}
