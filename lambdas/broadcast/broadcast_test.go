package broadcast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// tries is how often the queue of these tests hands out a job.
const tries = 10

// failing is a store that cannot read some rooms.
type failing struct {
	*realtimetest.Memory
	rooms []string
}

func (f failing) Members(ctx context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	if slices.Contains(f.rooms, roomID) {
		return nil, errors.New("down")
	}
	return f.Memory.Members(ctx, roomID, shard, limit)
}

// queued notes when jobs are to come back, by their message id.
type queued struct {
	refuse bool

	mu      sync.Mutex
	order   []string
	retries map[string]time.Duration
}

func (q *queued) postpone(_ context.Context, receiptHandle string, delay time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.order = append(q.order, receiptHandle)
	if q.refuse {
		return errors.New("refused")
	}
	if q.retries == nil {
		q.retries = map[string]time.Duration{}
	}
	q.retries[receiptHandle] = delay
	return nil
}

// received says that a job was handed out so often.
func received(r events.SQSMessage, times int) events.SQSMessage {
	r.Attributes["ApproximateReceiveCount"] = fmt.Sprint(times)
	return r
}

// record returns a job in the queue, of the message group that is its room. Its
// frame is its seq.
func record(id, room string, seq int64) events.SQSMessage {
	return events.SQSMessage{
		MessageId: id, ReceiptHandle: id,
		Attributes: map[string]string{"MessageGroupId": room, "ApproximateReceiveCount": "1"},
		Body:       fmt.Sprintf(`{"roomId":%q,"seq":%d,"shard":0,"frame":"%d"}`, room, seq, seq),
	}
}

func TestPartialFailures(t *testing.T) {
	t.Parallel()
	bad := record("bad", "tea", 2)
	bad.Body = "{}"
	const batch12 = `{"type":"batch","frames":[1,2]}`
	tests := []struct {
		name    string
		records []events.SQSMessage
		failed  []string
		after   []time.Duration // when these come back, at the latest
		got     string          // what the member of lobby and tea got
	}{
		{"nothing", nil, nil, nil, ""},
		{"all well", []events.SQSMessage{record("a1", "lobby", 1), record("a2", "lobby", 2)}, nil, nil, batch12},
		{"one group fails", []events.SQSMessage{
			record("x1", "broken", 1), record("a1", "lobby", 1), record("x2", "broken", 2), record("a2", "lobby", 2),
		}, []string{"x1", "x2"}, []time.Duration{5 * time.Second, 5 * time.Second}, batch12},
		{"what is held waits as long as the first", []events.SQSMessage{
			received(record("x1", "broken", 1), 3), record("x2", "broken", 2), received(record("x3", "broken", 3), 2),
		}, []string{"x1", "x2", "x3"}, []time.Duration{20 * time.Second, 20 * time.Second, 20 * time.Second}, ""},
		{"the last try holds up nobody", []events.SQSMessage{
			received(record("x1", "broken", 1), tries), received(record("x2", "broken", 2), tries-1), record("x3", "broken", 3),
		}, []string{"x1", "x2", "x3"}, []time.Duration{0, 40 * time.Second, 40 * time.Second}, ""},
		{"a message that is not a job fails alone", []events.SQSMessage{record("t1", "tea", 1), bad, record("t3", "tea", 3)},
			[]string{"bad"}, []time.Duration{0}, `{"type":"batch","frames":[1,3]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			memory, poster := realtimetest.NewMemory(time.Now), &realtimetest.Poster{}
			err := memory.Connect(t.Context(), members.Connection{
				ID: "c1", UserID: "ada", Rooms: []members.Membership{{RoomID: "lobby"}, {RoomID: "tea"}}, ExpiresAt: time.Now().Add(time.Hour),
			})
			if err != nil {
				t.Fatal(err)
			}
			s := realtimetest.New(realtimetest.Options{Connections: failing{memory, []string{"broken"}}, Log: memory, Poster: poster})
			// As in Lambda there is a deadline: until then a failed read is
			// tried again.
			ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
			defer cancel()
			var queue queued
			response, err := New(s.Jobs, queue.postpone, tries)(ctx, events.SQSEvent{Records: test.records})
			if err != nil {
				t.Fatal(err)
			}
			if b, err := json.Marshal(response); err != nil || strings.Contains(string(b), "null") {
				t.Errorf("the response is %s, %v", b, err)
			}
			var failed []string
			for _, f := range response.BatchItemFailures {
				failed = append(failed, f.ItemIdentifier)
			}
			if !slices.Equal(failed, test.failed) {
				t.Errorf("failed: %v, want %v", failed, test.failed)
			}
			if !slices.Equal(queue.order, test.failed) {
				t.Errorf("asked for %v to come back, want %v in that order", queue.order, test.failed)
			}
			for i, id := range test.failed {
				if got, most := queue.retries[id], test.after[i]; got > most || got < most/2 || got != queue.retries[test.failed[len(test.failed)-1]] && most > 0 {
					t.Errorf("%s comes back after %v, want at most %v, at least half of it, and the same for its group", id, got, most)
				}
			}
			if got := strings.Join(poster.Posted("c1"), " "); got != test.got {
				t.Errorf("c1 got %s, want %s", got, test.got)
			}
		})
	}
}

// TestRetryIsRefused: when the queue does not take the delay of a job, those
// behind it must not come back before it.
func TestRetryIsRefused(t *testing.T) {
	t.Parallel()
	queue := queued{refuse: true}
	s := realtimetest.New(realtimetest.Options{Connections: failing{realtimetest.NewMemory(time.Now), []string{"broken"}}, Poster: &realtimetest.Poster{}})
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	response, err := New(s.Jobs, queue.postpone, tries)(ctx, events.SQSEvent{Records: []events.SQSMessage{record("x1", "broken", 1), record("x2", "broken", 2)}})
	if err != nil || len(response.BatchItemFailures) != 2 || !slices.Equal(queue.order, []string{"x1"}) {
		t.Errorf("got %+v, %v after asking for %v, want both failed and only x1 asked for", response, err, queue.order)
	}
}

// TestUnknownTries: when it is not known which try is the last, each is
// followed by a delay.
func TestUnknownTries(t *testing.T) {
	t.Parallel()
	var queue queued
	s := realtimetest.New(realtimetest.Options{Connections: failing{realtimetest.NewMemory(time.Now), []string{"broken"}}, Poster: &realtimetest.Poster{}})
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	_, err := New(s.Jobs, queue.postpone, 0)(ctx, events.SQSEvent{Records: []events.SQSMessage{record("x1", "broken", 1)}})
	if got := queue.retries["x1"]; err != nil || got < 2*time.Second {
		t.Errorf("comes back after %v, %v, want some seconds", got, err)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	for receives, most := range map[int]time.Duration{
		0: 5 * time.Second, 1: 5 * time.Second, 2: 10 * time.Second, 3: 20 * time.Second, 4: 40 * time.Second,
		5: 40 * time.Second, 1000: 40 * time.Second,
	} {
		different := map[time.Duration]bool{}
		for range 100 {
			got := delay(receives)
			if got > most || got < most/2 {
				t.Fatalf("after %d receives: %v, want %v at most and half of it at least", receives, got, most)
			}
			different[got] = true
		}
		if len(different) < 90 {
			t.Errorf("after %d receives: 100 jobs come back at %d different times, want them spread", receives, len(different))
		}
	}
}

// TestDelaysUntilTheDeadLetterQueue: a job that always fails must not hold up its
// shard for much longer than it takes to see that it does.
func TestDelaysUntilTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	var all time.Duration
	for receives := 1; receives < tries; receives++ {
		all += delay(receives)
	}
	if all < 2*time.Minute || all > 5*time.Minute {
		t.Errorf("%d receives take %v", tries, all)
	}
}

// TestOutOfTime runs a batch whose deadline has passed, so that no call is
// made any more: nothing of it counts as done.
func TestOutOfTime(t *testing.T) {
	t.Parallel()
	memory := realtimetest.NewMemory(time.Now)
	err := memory.Connect(t.Context(), members.Connection{
		ID: "c1", UserID: "ada", Rooms: []members.Membership{{RoomID: "lobby"}}, ExpiresAt: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	s := realtimetest.New(realtimetest.Options{
		Connections: memory, Log: memory, Queue: &realtimetest.Queue{Err: context.DeadlineExceeded},
		Poster: &realtimetest.Poster{PostFunc: func(ctx context.Context, _ string, _ []byte) error { return ctx.Err() }},
	})
	response, err := New(s.Jobs, new(queued).postpone, tries)(ctx, events.SQSEvent{Records: []events.SQSMessage{record("a1", "lobby", 1), record("a2", "lobby", 2)}})
	if err != nil || len(response.BatchItemFailures) != 2 {
		t.Errorf("got %+v, %v, want both jobs failed", response, err)
	}
}
