package broadcast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// failing is a store that cannot read some rooms.
type failing struct {
	*realtimetest.Memory
	rooms []string
}

func (f failing) Members(ctx context.Context, roomID string, shard, limit int) ([]realtime.Member, error) {
	if slices.Contains(f.rooms, roomID) {
		return nil, errors.New("down")
	}
	return f.Memory.Members(ctx, roomID, shard, limit)
}

// record returns a job in the queue, of the message group that is its room. Its
// frame is its seq.
func record(id, room string, seq int64) events.SQSMessage {
	return events.SQSMessage{
		MessageId:  id,
		Attributes: map[string]string{"MessageGroupId": room},
		Body:       fmt.Sprintf(`{"roomId":%q,"seq":%d,"shard":0,"frame":"%d"}`, room, seq, seq),
	}
}

func TestPartialFailures(t *testing.T) {
	t.Parallel()
	bad := record("bad", "tea", 2)
	bad.Body = "{}"
	tests := []struct {
		name    string
		records []events.SQSMessage
		failed  []string
		got     string // the seqs that the member of lobby and tea got
	}{
		{"nothing", nil, nil, ""},
		{"all well", []events.SQSMessage{record("a1", "lobby", 1), record("a2", "lobby", 2)}, nil, "1 2"},
		{"one group fails", []events.SQSMessage{
			record("x1", "broken", 1), record("a1", "lobby", 1), record("x2", "broken", 2), record("a2", "lobby", 2),
		}, []string{"x1", "x2"}, "1 2"},
		{"what is no job fails alone", []events.SQSMessage{record("t1", "tea", 1), bad, record("t3", "tea", 3)},
			[]string{"bad"}, "1 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			memory, poster := realtimetest.NewMemory(time.Now), &realtimetest.Poster{}
			err := memory.Connect(t.Context(), realtime.Connection{
				ID: "c1", UserID: "ada", Rooms: []string{"lobby", "tea"}, ExpiresAt: time.Now().Add(time.Hour),
			})
			if err != nil {
				t.Fatal(err)
			}
			s := realtime.New(realtime.Options{Connections: failing{memory, []string{"broken"}}, Poster: poster})
			// As in Lambda there is a deadline: until then a failed read is
			// tried again.
			ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
			defer cancel()
			response, err := New(s)(ctx, events.SQSEvent{Records: test.records})
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
			if got := strings.Join(poster.Posted("c1"), " "); got != test.got {
				t.Errorf("c1 got the seqs %s, want %s", got, test.got)
			}
		})
	}
}

// TestOutOfTime runs a batch whose deadline has passed: nothing of it counts
// as done.
func TestOutOfTime(t *testing.T) {
	t.Parallel()
	memory, poster := realtimetest.NewMemory(time.Now), &realtimetest.Poster{}
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	s := realtime.New(realtime.Options{Connections: memory, Poster: poster})
	response, err := New(s)(ctx, events.SQSEvent{Records: []events.SQSMessage{record("a1", "lobby", 1), record("a2", "lobby", 2)}})
	if err != nil || len(response.BatchItemFailures) != 2 {
		t.Errorf("got %+v, %v, want both jobs failed", response, err)
	}
}
