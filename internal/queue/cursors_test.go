package queue

import (
	"testing"

	"github.com/roomcast/roomcast/internal/realtime/cursors"
)

// TestCursors queues the same move twice, as of a user who moves back and forth: the queue
// keeps both, in one group.
func TestCursors(t *testing.T) {
	t.Parallel()
	var r recorder
	move := cursors.Job{RoomID: "lobby", Shard: 3, ConnectionID: "c1", At: 5, Frame: `{"x":"é"}`}
	for range 2 {
		must(t, NewCursors(&r, "url").Enqueue(t.Context(), move))
	}
	if len(r.calls) != 2 {
		t.Fatalf("made %d calls", len(r.calls))
	}
	first, second := r.calls[0].Entries[0], r.calls[1].Entries[0]
	if *first.MessageGroupId != Group("lobby", 3) || *second.MessageGroupId != *first.MessageGroupId || *first.MessageDeduplicationId == *second.MessageDeduplicationId {
		t.Errorf("got %s %s and %s %s", *first.MessageGroupId, *first.MessageDeduplicationId, *second.MessageGroupId, *second.MessageDeduplicationId)
	}
	got, err := cursors.DecodeJob([]byte(*first.MessageBody))
	must(t, err)
	if got != move {
		t.Errorf("got %+v, want %+v", got, move)
	}
}
