package e2e_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/restore"
	"github.com/roomcast/roomcast/roomcastclient"
	"github.com/roomcast/roomcast/roomcasttest"
)

// TestRestoredTable restores the message table to an earlier state, under
// clients that have seen later messages. New messages reach the connected
// clients, and one that returns with an old position.
func TestRestoredTable(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly, unlimited)
	const table = "MessageTableName"
	heartbeat := func(o *roomcastclient.Options) { o.PingInterval = time.Second }
	ada, bob := newMember(t, stack, "ada", heartbeat), newMember(t, stack, "bob", heartbeat)
	ada.join(t, "lobby")
	bob.join(t, "lobby")
	for i := range 3 {
		ada.send(t, "lobby", fmt.Sprint("kept ", i))
	}
	backup := stack.AllItems(t, table)
	for i := range 20 {
		ada.send(t, "lobby", fmt.Sprint("lost ", i))
	}
	roomcasttest.Eventually(t, "bob has what is going to be lost", func() bool { return len(bob.seqs()) == 23 })
	away, _ := bob.Room("lobby").Position()

	for _, item := range stack.AllItems(t, table) {
		stack.DeleteItem(t, table, item)
	}
	for _, item := range backup {
		stack.PutItem(t, table, item)
	}
	n := 0
	newID := func() string { n++; return fmt.Sprint("restored-", n) }
	rooms, err := restore.NewEpochs(t.Context(), dynamodb.NewFromConfig(stack.Config()), stack.Output(table), newID, func(int) {})
	if err != nil || rooms != 1 {
		t.Fatalf("gave %d rooms a new epoch, %v, want 1", rooms, err)
	}
	// A sender that does not know of it yet, and a new one.
	carol := newMember(t, stack, "carol")
	carol.join(t, "lobby")
	var want []string
	for i := range 5 {
		for _, m := range []*member{ada, carol} {
			want = append(want, m.send(t, "lobby", fmt.Sprint("new ", i)).ID)
		}
	}
	joined, err := carol.Room("lobby").Join(t.Context(), roomcastclient.WithSince(away))
	if err != nil || joined.Recovered {
		t.Errorf("joining from a position in the lost log: got %+v, %v, want one that is not recovered", joined, err)
	}
	// A client that was ahead fetches the room's log again after its heartbeat.
	// From then on it gets every message.
	roomcasttest.Eventually(t, "bob is in the restored log", func() bool {
		at, _ := bob.Room("lobby").Position()
		return at.Epoch == "restored-1"
	})
	want = append(want, ada.send(t, "lobby", "after").ID)
	roomcasttest.Eventually(t, "bob has the message after", func() bool { return slices.Contains(bob.ids(), want[len(want)-1]) })
	page, err := bob.Room("lobby").History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have := bob.ids()
	for _, m := range page.Messages {
		have = append(have, m.ID)
	}
	for i, id := range want {
		if !slices.Contains(have, id) {
			t.Errorf("message %d of %d after the restore is neither what bob was given nor in the history", i+1, len(want))
		}
	}
}
