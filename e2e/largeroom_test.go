package e2e_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/lab/chaos"
	"github.com/roomcast/roomcast/roomcastclient"
	"github.com/roomcast/roomcast/roomcasttest"
)

// runNarrow runs the stack with rooms that split at ten members, and are
// delivered to by the queue from eleven on.
func runNarrow(t *testing.T) *roomcasttest.Stack {
	t.Helper()
	narrow := filepath.Join(t.TempDir(), "cdk.out")
	if err := chaos.Narrow(assembly, narrow); err != nil {
		t.Fatal(err)
	}
	return roomcasttest.Run(t, narrow, unlimited)
}

// shards returns how many shards a room has.
func shards(t *testing.T, stack *roomcasttest.Stack, roomID string) float64 {
	t.Helper()
	for _, item := range stack.Items(t, messages, "ROOM#"+roomID) {
		if item["sk"] == "HEAD" {
			n, _ := item["shards"].(float64)
			return max(n, 1)
		}
	}
	return 1
}

// A room that splits while it is sent to: everybody has every message once and
// in order, in fewer frames than messages; those who are left have the next
// ones too when the room has shrunk.
func TestLargeRoom(t *testing.T) {
	t.Parallel()
	stack := runNarrow(t)
	const senders, each, crowd = 3, 30, 40
	ada := newMember(t, stack, "ada")
	ada.join(t, "hall")
	first := ada.send(t, "hall", "first")
	since := roomcastclient.Position{Seq: first.Seq, Epoch: first.ID}
	stack.ResetUsage()
	var wg sync.WaitGroup
	others := make([]*member, senders)
	for s := range senders {
		m := newMember(t, stack, fmt.Sprint("sender ", s))
		m.join(t, "hall")
		others[s] = m
		wg.Go(func() {
			for i := range each {
				if _, err := m.Room("hall").Send(t.Context(), fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	members := make([]*member, crowd)
	for i := range crowd {
		members[i] = newMember(t, stack, fmt.Sprint("member ", i))
		wg.Go(func() {
			time.Sleep(time.Duration(i) * 5 * time.Millisecond)
			if joined, err := members[i].Room("hall").Join(t.Context(), roomcastclient.WithSince(since)); err != nil || !joined.Recovered {
				t.Errorf("joining: %+v, %v", joined, err)
			}
		})
	}
	wg.Wait()
	if n := shards(t, stack, "hall"); n < 3 {
		t.Errorf("%d members are in %v shards of ten", crowd, n)
	}
	for i, m := range members {
		roomcasttest.Eventually(t, fmt.Sprintf("member %d has all messages", i), func() bool { return len(m.seqs()) >= senders*each })
		if got := m.seqs(); len(got) != senders*each || !slices.IsSorted(got) || len(slices.Compact(got)) != senders*each {
			t.Errorf("member %d got %v", i, got)
		}
	}

	// Whoever leaves while a join of its own is under way may stay a member: a
	// message finds that it is gone.
	for _, m := range append(others, members[1:]...) {
		_ = m.Close()
	}
	roomcasttest.Eventually(t, "the room has shrunk around those who come back", func() bool {
		ada.send(t, "hall", "who is there?")
		for _, m := range []*member{ada, members[0]} {
			if err := m.Room("hall").Leave(t.Context()); err != nil {
				t.Error(err)
			}
			m.join(t, "hall")
		}
		return shards(t, stack, "hall") < 3
	})
	last := ada.send(t, "hall", "last")
	roomcasttest.Eventually(t, "who is left has the last message", func() bool { return slices.Contains(members[0].seqs(), last.Seq) })
}

// While the first message's posts hang, more pile up for the same members: they
// come as one frame, which is billed once.
func TestMessagesThatPileUpAreOneFrame(t *testing.T) {
	t.Parallel()
	stack := runNarrow(t)
	const crowd, sent = 11, 5
	clients := make([]*roomcasttest.Client, crowd)
	for i := range clients {
		clients[i] = stack.MustDial(t, roomcasttest.WithUser(fmt.Sprint("user", i)), roomcasttest.WithRoom("hall"))
	}
	stack.ResetUsage()
	slow := stack.Inject(t, roomcasttest.Fault{Service: "execute-api", Operation: "PostToConnection", Latency: 500 * time.Millisecond})
	for i := range sent {
		clients[0].Send(object{"action": "sendMessage", "message": fmt.Sprint(i), "clientId": fmt.Sprint(i)})
		clients[0].Await("ack")
	}
	slow.Remove()
	for i, c := range clients[1:] {
		for want := range sent {
			if got := c.Await("message").Text("message"); got != fmt.Sprint(want) {
				t.Errorf("client %d got %q, want %d", i+1, got, want)
			}
		}
	}
	roomcasttest.Eventually(t, "all is billed", func() bool { return stack.Usage().WebSocket.MessagesOut >= 2*crowd+sent })
	if out := stack.Usage().WebSocket.MessagesOut; out > 3*crowd+sent {
		t.Errorf("%d messages to %d members, and their acks, are billed as %d", sent, crowd, out)
	}
}

// A cursor that moves in a large room goes to everybody else, by a queue of its
// own.
func TestCursorInALargeRoom(t *testing.T) {
	t.Parallel()
	stack := runNarrow(t)
	const crowd = 25
	for i := range crowd {
		newMember(t, stack, fmt.Sprint("member ", i)).join(t, "hall")
	}
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("hall"))
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("hall"))
	ada.Send(object{"action": "cursorMove", "roomId": "hall", "position": object{"x": 1, "y": 2}})
	if got := bob.Await("cursor"); got.Text("userId") != "ada" {
		t.Errorf("bob sees %v", got)
	}
	if shards(t, stack, "hall") < 2 {
		t.Error("the room was not split")
	}
	ada.Send(object{"action": "ping"})
	if got := ada.AwaitFrame("", func(roomcasttest.Frame) bool { return true }); got.Type() != "pong" {
		t.Errorf("ada sees %v", got)
	}
	for _, q := range stack.Usage().SQS.Queues {
		if q.Operation == "SendMessageBatch" && q.Function != "Chat/Ephemeral" && q.Calls > 0 {
			t.Errorf("a cursor took the queue of the messages: %+v", q)
		}
	}
}
