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

// runNarrow runs the stack with rooms that split at ten members, and use the
// queue from eleven members on.
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

// A room splits while messages are sent: every member has every message once
// and in order, in fewer frames than messages. When the room has shrunk, the
// remaining members get the next ones as well.
func TestLargeRoom(t *testing.T) {
	t.Parallel()
	stack := runNarrow(t)
	const senders, each, size = 3, 30, 40
	ada := newMember(t, stack, "ada")
	ada.join(t, "arena")
	first := ada.send(t, "arena", "first")
	since := roomcastclient.Position{Seq: first.Seq, Epoch: first.ID}
	stack.ResetUsage()
	var wg sync.WaitGroup
	others := make([]*member, senders)
	for s := range senders {
		m := newMember(t, stack, fmt.Sprint("sender ", s))
		m.join(t, "arena")
		others[s] = m
		wg.Go(func() {
			for i := range each {
				if _, err := m.Room("arena").Send(t.Context(), fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	members := make([]*member, size)
	for i := range size {
		members[i] = newMember(t, stack, fmt.Sprint("member ", i))
		wg.Go(func() {
			time.Sleep(time.Duration(i) * 5 * time.Millisecond)
			if joined, err := members[i].Room("arena").Join(t.Context(), roomcastclient.WithSince(since)); err != nil || !joined.Recovered {
				t.Errorf("joining: %+v, %v", joined, err)
			}
		})
	}
	wg.Wait()
	if n := shards(t, stack, "arena"); n < 3 {
		t.Errorf("%d members are in %v shards of ten", size, n)
	}
	for i, m := range members {
		roomcasttest.Eventually(t, fmt.Sprintf("member %d has all messages", i), func() bool { return len(m.seqs()) >= senders*each })
		if got := m.seqs(); len(got) != senders*each || !slices.IsSorted(got) || len(slices.Compact(got)) != senders*each {
			t.Errorf("member %d got %v", i, got)
		}
	}

	// A client that closes during its own join may stay a member: the next message
	// finds that it is gone.
	for _, m := range slices.Concat(others, members[1:]) {
		_ = m.Close()
	}
	roomcasttest.Eventually(t, "the room has shrunk around those who come back", func() bool {
		ada.send(t, "arena", "who is there?")
		for _, m := range []*member{ada, members[0]} {
			if err := m.Room("arena").Leave(t.Context()); err != nil {
				t.Error(err)
			}
			m.join(t, "arena")
		}
		return shards(t, stack, "arena") < 3
	})
	last := ada.send(t, "arena", "last")
	roomcasttest.Eventually(t, "who is left has the last message", func() bool { return slices.Contains(members[0].seqs(), last.Seq) })
}

// While the first message's posts hang, more messages queue up for the same
// members: they arrive as one frame, which is billed once.
func TestMessagesThatPileUpAreOneFrame(t *testing.T) {
	t.Parallel()
	stack := runNarrow(t)
	const size, sent = 11, 5
	clients := make([]*roomcasttest.Client, size)
	for i := range clients {
		clients[i] = stack.MustDial(t, roomcasttest.WithUser(fmt.Sprint("user", i)), roomcasttest.WithRoom("arena"))
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
	roomcasttest.Eventually(t, "all is billed", func() bool { return stack.Usage().WebSocket.MessagesOut >= 2*size+sent })
	if out := stack.Usage().WebSocket.MessagesOut; out > 3*size+sent {
		t.Errorf("%d messages to %d members, and their acks, are billed as %d", sent, size, out)
	}
}

// A cursor move in a large room reaches every other member, through its own
// queue.
func TestCursorInALargeRoom(t *testing.T) {
	t.Parallel()
	stack := runNarrow(t)
	const size = 25
	for i := range size {
		newMember(t, stack, fmt.Sprint("member ", i)).join(t, "arena")
	}
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"), roomcasttest.WithRoom("arena"))
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("arena"))
	ada.Send(object{"action": "cursorMove", "roomId": "arena", "position": object{"x": 1, "y": 2}})
	if got := bob.Await("cursor"); got.Text("userId") != "ada" {
		t.Errorf("bob sees %v", got)
	}
	if shards(t, stack, "arena") < 2 {
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
