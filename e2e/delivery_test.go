package e2e_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcastclient"
	"github.com/roomcast/roomcast/roomcasttest"
)

// Joins race sends through real sockets: every member has every message after
// the first one it got, each once and in order.
func TestJoinsRaceSends(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly, unlimited)
	const senders, each, joiners = 4, 25, 12
	ada := newMember(t, stack, "ada")
	ada.join(t, "lobby")
	first := ada.send(t, "lobby", "first")
	since := roomcastclient.Position{Seq: first.Seq, Epoch: first.ID}
	var wg sync.WaitGroup
	for s := range senders {
		m := newMember(t, stack, fmt.Sprint("sender ", s))
		m.join(t, "lobby")
		wg.Go(func() {
			for i := range each {
				if _, err := m.Room("lobby").Send(t.Context(), fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	members := make([]*member, joiners)
	for j := range joiners {
		members[j] = newMember(t, stack, fmt.Sprint("joiner ", j))
		wg.Go(func() {
			time.Sleep(time.Duration(j) * 15 * time.Millisecond)
			if joined, err := members[j].Room("lobby").Join(t.Context(), roomcastclient.WithSince(since)); err != nil || !joined.Recovered {
				t.Errorf("joining: %+v, %v", joined, err)
			}
		})
	}
	wg.Wait()
	// Seqs may have gaps, so a new member reads what there is.
	late := newMember(t, stack, "late")
	late.join(t, "lobby", roomcastclient.WithSince(since))
	roomcasttest.Eventually(t, "the one that joins last has all messages", func() bool { return len(late.seqs()) == senders*each })
	for j, m := range members {
		roomcasttest.Eventually(t, fmt.Sprintf("joiner %d has all messages", j), func() bool { return len(m.seqs()) >= senders*each })
		if got := m.seqs(); !slices.Equal(got, late.seqs()) {
			t.Errorf("joiner %d got %v, want %v", j, got, late.seqs())
		}
	}
}

// Copies of a message that are sent concurrently on different sockets get the
// same ack, and the room gets one message.
func TestCopiesAreOneMessage(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly, unlimited)
	bob := newMember(t, stack, "bob")
	bob.join(t, "lobby")
	var sockets []*roomcasttest.Client
	for range 4 {
		sockets = append(sockets, stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby")))
	}
	for round := range 5 {
		frame := object{"action": "sendMessage", "message": fmt.Sprint(round), "clientId": fmt.Sprint("c", round)}
		var wg sync.WaitGroup
		acks := make([]roomcasttest.Frame, len(sockets))
		for i, s := range sockets {
			wg.Go(func() {
				s.Send(frame)
				acks[i] = s.AwaitFrame("that answers", func(f roomcasttest.Frame) bool { return f.Type() != "message" })
			})
		}
		wg.Wait()
		for _, a := range acks {
			if a.Type() != "ack" || a.Text("id") != acks[0].Text("id") || a.Number("seq") != acks[0].Number("seq") {
				t.Errorf("round %d: the acks %v and %v differ", round, acks[0], a)
			}
		}
	}
	roomcasttest.Eventually(t, "bob has the messages", func() bool { return len(bob.seqs()) >= 5 })
	sockets[0].Send(object{"action": "sendMessage", "message": "another", "clientId": "c0"})
	refused := sockets[0].AwaitFrame("that answers", func(f roomcasttest.Frame) bool { return f.Type() != "message" })
	if refused.Text("code") != "bad_field" {
		t.Errorf("another text under a clientId: got %v", refused)
	}
	if got := bob.seqs(); len(got) != 5 {
		t.Errorf("bob got the seqs %v, want five", got)
	}
}

// A sender's function is killed repeatedly at any point of its work: each
// message is in the room once and in order, and every member has it.
func TestKilledSendersLoseNothing(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada, bob := newMember(t, stack, "ada"), newMember(t, stack, "bob")
	ada.join(t, "lobby")
	bob.join(t, "lobby")
	var want []int64
	for i := range 12 {
		injected := stack.Inject(t, roomcasttest.Fault{Function: sender, First: 1, Kill: []roomcasttest.Kill{roomcasttest.KillBefore, roomcasttest.KillDuring, roomcasttest.KillAfter}[i%3]})
		want = append(want, ada.send(t, "lobby", fmt.Sprint(i)).Seq)
		if injected.Count() != 1 {
			t.Errorf("message %d: killed %d times", i, injected.Count())
		}
		injected.Remove()
	}
	for name, m := range map[string]*member{"ada": ada, "bob": bob} {
		roomcasttest.Eventually(t, name+" has all messages", func() bool { return len(m.seqs()) >= len(want) })
		if got := m.seqs(); !slices.Equal(got, want) || !slices.IsSorted(got) {
			t.Errorf("%s got %v, want %v", name, got, want)
		}
	}
}

// A seq that was taken by a function that died does not stop a recovery.
func TestGapDoesNotStopARecovery(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	ada.Send(object{"action": "sendMessage", "message": "one", "clientId": "1"})
	first := ada.Await("ack")
	// The head has moved on, and nothing is put.
	injected := stack.Inject(t, roomcasttest.Fault{Service: "dynamodb", Operation: "PutItem", Resource: messages, Status: 500})
	ada.Send(object{"action": "sendMessage", "message": "two", "clientId": "2"})
	if e := ada.Await("error"); e.Text("code") != "unavailable" {
		t.Errorf("got %v", e)
	}
	injected.Remove()
	bob := stack.MustDial(t, roomcasttest.WithUser("bob"))
	start := time.Now()
	bob.Send(object{"action": "join", "roomId": "lobby", "since": 1, "epoch": first.Text("id")})
	joined := bob.Await("joined")
	if joined["recovered"] != true || joined.Number("seq") != 2 || len(joined["messages"].([]any)) != 0 {
		t.Errorf("got %v, want a complete recovery of nothing", joined)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the gap was resolved after %v", took)
	}
	// The message was not accepted; when it is sent again, it gets another seq.
	ada.Send(object{"action": "sendMessage", "message": "two", "clientId": "2"})
	if ack := ada.Await("ack"); ack.Number("seq") != 3 {
		t.Errorf("got %v, want seq 3", ack)
	}
}

// A user who was away finds their notifications on each of their devices, in
// order, until they are acknowledged.
func TestInboxWaits(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := newMember(t, stack, "ada")
	var ids []string
	for i := range 3 {
		ack, err := ada.Notify(t.Context(), []string{"bob"}, i)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, ack.ID)
	}
	phone, laptop := newMember(t, stack, "bob"), newMember(t, stack, "bob")
	for name, device := range map[string]*member{"phone": phone, "laptop": laptop} {
		roomcasttest.Eventually(t, name+" has the notifications", func() bool { return slices.Equal(device.notifications(), []string{"0", "1", "2"}) })
	}
	if err := phone.Acknowledge(t.Context(), ids[:2]...); err != nil {
		t.Fatal(err)
	}
	tablet := newMember(t, stack, "bob")
	roomcasttest.Eventually(t, "the third device has what is left", func() bool { return slices.Equal(tablet.notifications(), []string{"2"}) })
}

// A connection whose $disconnect was lost leaves presence within the
// heartbeat's time.
func TestPresenceForgetsTheSilent(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	stack.Inject(t, roomcasttest.Fault{LostDisconnect: true})
	beat := func(o *roomcastclient.Options) { o.PingInterval = time.Second }
	ada, bob := newMember(t, stack, "ada", beat), newMember(t, stack, "bob", beat)
	ada.join(t, "lobby")
	bob.join(t, "lobby")
	present := func() int {
		p, err := ada.Room("lobby").Presence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p.Count
	}
	if got := present(); got != 2 {
		t.Errorf("%d present, want 2", got)
	}
	_ = bob.Close()
	roomcasttest.Eventually(t, "bob is not present any more", func() bool { return present() == 1 })
	time.Sleep(3 * time.Second)
	if got := present(); got != 1 {
		t.Errorf("%d present, want ada, who pings", got)
	}
}

// BenchmarkOneSender sends from one client to one room, each message after the
// previous ack, as fast as possible and without limits.
//
//	go test ./e2e -run '^$' -bench OneSender
func BenchmarkOneSender(b *testing.B) {
	stack := roomcasttest.Run(b, assembly,
		roomcasttest.WithEnvironment(settings.MessageRate, "0"), roomcasttest.WithEnvironment(settings.FrameRate, "0"))
	ada := newMember(b, stack, "ada")
	ada.join(b, "lobby", nil)
	ada.send(b, "lobby", "warm")
	for b.Loop() {
		ada.send(b, "lobby", "hello")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
