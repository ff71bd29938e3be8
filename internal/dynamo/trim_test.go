package dynamo

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
)

var errCut = errors.New("cut off")

// cutting lets a number of calls through and fails from then on. The call at the cut may be
// carried out, and its answer is lost.
type cutting struct {
	API
	passes int
	done   bool
}

// cut calls, or fails.
func cut[T any](c *cutting, call func() (T, error)) (T, error) {
	c.passes--
	if c.passes >= 0 {
		return call()
	}
	if c.passes == -1 && c.done {
		_, _ = call()
	}
	var none T
	return none, errCut
}

func (c *cutting) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return cut(c, func() (*dynamodb.GetItemOutput, error) { return c.API.GetItem(ctx, in, o...) })
}

func (c *cutting) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return cut(c, func() (*dynamodb.UpdateItemOutput, error) { return c.API.UpdateItem(ctx, in, o...) })
}

func (c *cutting) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return cut(c, func() (*dynamodb.QueryOutput, error) { return c.API.Query(ctx, in, o...) })
}

func (c *cutting) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return cut(c, func() (*dynamodb.BatchWriteItemOutput, error) { return c.API.BatchWriteItem(ctx, in, o...) })
}

// TestTrimIsCutOff ends a Trim at each of its calls: each dropped notification is counted
// once when another Trim has completed.
func TestTrimIsCutOff(t *testing.T) {
	t.Parallel()
	const notes, keep = 40, 10
	for _, done := range []bool{false, true} {
		whole := false
		for passes := 0; !whole; passes++ {
			if passes > 20 {
				t.Fatal("a trim takes more than 20 calls")
			}
			table := newTable(t)
			inboxes := NewInboxes(client, table, time.Now)
			for n := range notes {
				must(t, keepNote(t, inboxes, n))
			}
			err := NewInboxes(&cutting{client, passes, done}, table, time.Now).Trim(t.Context(), "ada", keep)
			if err != nil && !errors.Is(err, errCut) {
				t.Fatal(err)
			}
			whole = err == nil
			must(t, inboxes.Trim(t.Context(), "ada", keep))
			counts, err := inboxes.State(t.Context(), "ada")
			must(t, err)
			left, err := inboxes.List(t.Context(), "ada", "", notes)
			must(t, err)
			if counts.Dropped != notes-keep || len(left) != keep || left[0].ID != noteID(notes-keep) {
				t.Errorf("cut at call %d, done %v: %d dropped, %d left, want %d and %d",
					passes+1, done, counts.Dropped, len(left), notes-keep, keep)
			}
			state, err := inboxes.get(t.Context(), stateKey("ada"), true)
			must(t, err)
			if names := state.textSet(attrTrimming); names != nil {
				t.Errorf("cut at call %d, done %v: the state still names %q", passes+1, done, names)
			}
		}
	}
}

func keepNote(t *testing.T, inboxes *Inboxes, n int) error {
	_, err := inboxes.Add(t.Context(), "ada", inbox.Notification{
		ID: noteID(n), From: "bob", Notification: []byte("1"), Timestamp: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	})
	return err
}
