package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

// stingy takes at most a number of writes of each batch and returns the others.
type stingy struct {
	API
	takes   int
	batches []int // sizes
	deleted []string
}

func (s *stingy) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}
	for table, writes := range in.RequestItems {
		s.batches = append(s.batches, len(writes))
		n := min(s.takes, len(writes))
		for _, w := range writes[:n] {
			s.deleted = append(s.deleted, item(w.DeleteRequest.Key).text("pk"))
		}
		if n < len(writes) {
			out.UnprocessedItems[table] = writes[n:]
		}
	}
	return out, nil
}

func TestRemoveWritesWhatWasUnprocessed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &stingy{takes: 20}
		conn := members.Connection{ID: "c1", UserID: "ada"}
		want := []string{"USER#ada"}
		for i := range 30 {
			room := fmt.Sprintf("r%02d", i)
			conn.Rooms = append(conn.Rooms, members.Membership{RoomID: room})
			want = append(want, "ROOM#"+room+"#0")
		}
		want = append(want, "CONN#c1")
		if err := newConnections(api, "table", time.Now).Remove(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(api.deleted, want) {
			t.Errorf("deleted %q, want %q", api.deleted, want)
		}
		if !slices.Equal(api.batches, []int{25, 5, 6, 1}) {
			t.Errorf("wrote batches of %v, want 25, the 5 left over, 6, and the connection", api.batches)
		}
	})
}

func TestRemoveGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &stingy{}
		start := time.Now()
		err := newConnections(api, "table", time.Now).Remove(t.Context(), members.Connection{ID: "c1", UserID: "ada"})
		if !errors.Is(err, errUnprocessed) {
			t.Errorf("got %v, want errUnprocessed", err)
		}
		if took := time.Since(start); took > 4*time.Second || len(api.batches) != batchTries {
			t.Errorf("gave up after %d calls and %v", len(api.batches), took)
		}
	})
}

func TestRemoveEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := newConnections(&stingy{}, "table", time.Now).Remove(ctx, members.Connection{ID: "c1", UserID: "ada"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// TestRemoveNamesEachKeyOnce removes a connection that is a member of a room according
// to its caller and among the leftovers of its row: DynamoDB refuses a batch with the same
// key twice.
func TestRemoveNamesEachKeyOnce(t *testing.T) {
	t.Parallel()
	api := &stingy{takes: batchSize}
	lobby := members.Membership{RoomID: "lobby", Shard: 1}
	conn := members.Connection{
		ID: "c1", UserID: "ada", Rooms: []members.Membership{lobby, {RoomID: "tea"}, lobby}, Leftovers: []members.Membership{lobby, {RoomID: "lobby"}},
	}
	if err := newConnections(api, "table", time.Now).Remove(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if want := []string{"USER#ada", "ROOM#lobby#1", "ROOM#tea#0", "ROOM#lobby#0", "CONN#c1"}; !slices.Equal(api.deleted, want) {
		t.Errorf("deleted %q, want %q", api.deleted, want)
	}
}
