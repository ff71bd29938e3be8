package dynamo

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// doubling carries out every write twice and returns the second answer, as the SDK does when
// the first answer is lost.
type doubling struct{ API }

func (d doubling) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	_, _ = d.API.PutItem(ctx, in, o...)
	return d.API.PutItem(ctx, in, o...)
}

func (d doubling) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	_, _ = d.API.UpdateItem(ctx, in, o...)
	return d.API.UpdateItem(ctx, in, o...)
}

func (d doubling) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	_, _ = d.API.BatchWriteItem(ctx, in, o...)
	return d.API.BatchWriteItem(ctx, in, o...)
}

// TestWritesTwice checks that a lost answer changes nothing, except for a seq that nobody
// has.
func TestWritesTwice(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	api := doubling{client}
	expires := time.Unix(time.Now().Unix()+3600, 0)

	log := newLog(api, table, time.Now)
	head, err := log.Advance(t.Context(), "lobby", "m1", time.Now(), time.Now().Add(time.Hour))
	must(t, err)
	if head.Seq != 2 || head.Epoch != "m1" {
		t.Errorf("got the head %+v, want seq 2 of m1: 1 is nobody's", head)
	}
	e, err := log.Put(t.Context(), roomlog.Entry{RoomID: "lobby", Seq: 2, ID: "m1", ExpiresAt: expires})
	must(t, err)
	if e.ID != "m1" {
		t.Errorf("put m1, got %+v", e)
	}

	sent := NewSends(api, table, time.Now)
	key := sends.Key{UserID: "ada", ClientID: "k1", RoomID: "lobby"}
	s, err := sent.Claim(t.Context(), key, sends.Send{ID: "m1", Seq: 2, ExpiresAt: expires})
	must(t, err)
	if s.ID != "m1" || s.Seq != 2 {
		t.Errorf("claimed m1 at seq 2, got %+v", s)
	}
	// The mover cannot tell that its own first write moved it: a claim tells.
	err = sent.Move(t.Context(), key, 2, sends.Send{ID: "m1", Seq: 3, ExpiresAt: expires})
	if !errors.Is(err, sends.ErrMoved) {
		t.Errorf("move: got %v, want ErrMoved", err)
	}
	s, err = sent.Claim(t.Context(), key, sends.Send{ID: "m1", Seq: 3, ExpiresAt: expires})
	must(t, err)
	if s.Seq != 3 {
		t.Errorf("moved to seq 3, got %+v", s)
	}

	inboxes := NewInboxes(api, table, time.Now)
	for n := range 5 {
		must(t, keepNote(t, inboxes, n))
	}
	must(t, inboxes.Trim(t.Context(), "ada", 3))
	state, err := inboxes.State(t.Context(), "ada")
	must(t, err)
	left, err := inboxes.List(t.Context(), "ada", "", 9)
	must(t, err)
	if state.Dropped != 2 || len(left) != 3 {
		t.Errorf("%d dropped and %d left, want 2 and 3", state.Dropped, len(left))
	}
}

// vanishing answers a number of reads with nothing, as if DynamoDB had just deleted the item
// that refused a write.
type vanishing struct {
	API
	reads int
}

func (v *vanishing) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if v.reads--; v.reads >= 0 {
		_, err := v.API.(*dynamodb.Client).DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: in.TableName, Key: in.Key})
		return &dynamodb.GetItemOutput{}, err
	}
	return v.API.GetItem(ctx, in, o...)
}

func TestPutOverWhatVanishes(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	for i, put := range []func(log *allLogs, sent *Sends, id string) (string, error){
		func(log *allLogs, _ *Sends, id string) (string, error) {
			e, err := log.Put(t.Context(), roomlog.Entry{RoomID: "lobby", Seq: 1, ID: id, ExpiresAt: time.Now().Add(time.Hour)})
			return e.ID, err
		},
		func(_ *allLogs, sent *Sends, id string) (string, error) {
			s, err := sent.Claim(t.Context(), sends.Key{UserID: "ada", ClientID: "k1"},
				sends.Send{ID: id, ExpiresAt: time.Now().Add(time.Hour)})
			return s.ID, err
		},
	} {
		api := &vanishing{API: client}
		log, sent := newLog(api, table, time.Now), NewSends(api, table, time.Now)
		_, err := put(log, sent, "m1")
		must(t, err)
		api.reads = 1
		if id, err := put(log, sent, "m2"); id != "m2" || err != nil {
			t.Errorf("%d: m1 vanished, got %q, %v, want m2", i, id, err)
		}
	}
}

// TestClaimOverWhatExpires lets a send expire between the write that it refuses and the read
// of it.
func TestClaimOverWhatExpires(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_790_000_000, 0)
	now := func() time.Time { return at }
	table, key := newTable(t), sends.Key{UserID: "ada", ClientID: "k1"}
	_, err := NewSends(client, table, now).Claim(t.Context(), key, sends.Send{ID: "m1", ExpiresAt: at.Add(time.Second)})
	must(t, err)
	passing := func() time.Time { at = at.Add(time.Second / 2); return at }
	got, err := NewSends(client, table, passing).Claim(t.Context(), key, sends.Send{ID: "m2", ExpiresAt: at.Add(time.Hour)})
	if err != nil || got.ID != "m2" {
		t.Errorf("m1 expired, got %+v, %v, want m2", got, err)
	}
}

// stubborn fails the condition of every write.
type stubborn struct{ API }

var conditionalCheckFailed = &types.ConditionalCheckFailedException{}

func (stubborn) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, fmt.Errorf("put: %w", conditionalCheckFailed)
}

func (stubborn) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, fmt.Errorf("update: %w", conditionalCheckFailed)
}

func (stubborn) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if item(in.Key).text(attrSK) == "STATE" {
		return &dynamodb.GetItemOutput{Item: item{attrDropped: number(3), attrCount: number(3)}}, nil
	}
	return &dynamodb.GetItemOutput{}, nil
}

func (stubborn) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return &dynamodb.QueryOutput{}, nil
}

// TestGivesUp checks that no store retries forever, and that it stops when its context ends.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, inboxes := newLog(stubborn{}, "table", time.Now), NewInboxes(stubborn{}, "table", time.Now)
		if _, err := log.Put(t.Context(), roomlog.Entry{RoomID: "lobby", Seq: 1}); !errors.Is(err, errVanished) {
			t.Errorf("put: got %v, want errVanished", err)
		}
		start := time.Now()
		if err := inboxes.Trim(t.Context(), "ada", 1); !errors.Is(err, errContended) {
			t.Errorf("trim: got %v, want errContended", err)
		}
		if took := time.Since(start); took == 0 || took > trimTries*trimBackoff {
			t.Errorf("gave up after %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := inboxes.Trim(ctx, "ada", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("trim: got %v, want context.Canceled", err)
		}
		if err := inboxes.AcknowledgeDropped(t.Context(), "ada", 1); err != nil {
			t.Errorf("forgive where there is nothing: got %v", err)
		}
	})
}
