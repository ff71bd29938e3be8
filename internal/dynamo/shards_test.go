package dynamo

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

// ending fails every write after a number of them, as if its caller had crashed.
type ending struct {
	API
	writes int
}

var errEnded = errors.New("ended")

func (e *ending) write() error {
	if e.writes--; e.writes < 0 {
		return errEnded
	}
	return nil
}

func (e *ending) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if err := e.write(); err != nil {
		return nil, err
	}
	return e.API.PutItem(ctx, in, o...)
}

func (e *ending) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if err := e.write(); err != nil {
		return nil, err
	}
	return e.API.UpdateItem(ctx, in, o...)
}

func (e *ending) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if err := e.write(); err != nil {
		return nil, err
	}
	return e.API.DeleteItem(ctx, in, o...)
}

var (
	oldShard = members.Membership{RoomID: "lobby", Shard: 3}
	newShard = members.Membership{RoomID: "lobby", Shard: 5}
)

// connectIn stores a connection in a shard and returns the connections.
func connectIn(t *testing.T, table string, m members.Membership) *allConnections {
	t.Helper()
	c := newConnections(client, table, time.Now)
	must(t, c.Connect(t.Context(), members.Connection{
		ID: "c1", UserID: "ada", Rooms: []members.Membership{m}, ConnectedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	}))
	return c
}

// wantCounts compares how many members are in the old and in the new shard.
func wantCounts(t *testing.T, what string, c *allConnections, before, after int) {
	t.Helper()
	for m, want := range map[members.Membership]int{oldShard: before, newShard: after} {
		got, err := c.Count(t.Context(), m.RoomID, m.Shard)
		must(t, err)
		if got != want {
			t.Errorf("%s: %d members in shard %d, want %d", what, got, m.Shard, want)
		}
	}
}

// TestMoveEndsHalfway ends a Join that moves a member at each of its writes: the member is
// always in a shard, and the next Join cleans up.
func TestMoveEndsHalfway(t *testing.T) {
	t.Parallel()
	for writes := range 7 { // a first look, the list, the new row, the old one, its mark, the list again
		table := newTable(t)
		c := connectIn(t, table, oldShard)
		err := newConnections(&ending{client, writes}, table, time.Now).Join(t.Context(), "c1", newShard, members.Status{}, members.JoinConditions{})
		if ended := errors.Is(err, errEnded); ended != (writes < 6) || !ended && err != nil {
			t.Fatalf("ended after %d writes: got %v", writes, err)
		}
		total := 0
		for _, m := range []members.Membership{oldShard, newShard} {
			n, err := c.Count(t.Context(), m.RoomID, m.Shard)
			must(t, err)
			total += n
		}
		if total == 0 {
			t.Errorf("ended after %d writes: the member is nowhere", writes)
		}
		must(t, c.Join(t.Context(), "c1", newShard, members.Status{}, members.JoinConditions{}))
		wantCounts(t, "after the next join", c, 0, 1)
		must(t, c.Leave(t.Context(), "c1", "lobby"))
		wantCounts(t, "after leaving", c, 0, 0)
	}
}

// TestMoveTwice carries out every write of a move twice, as the SDK does when an answer is
// lost.
func TestMoveTwice(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	connectIn(t, table, oldShard)
	c := newConnections(doubling{client}, table, time.Now)
	must(t, c.Join(t.Context(), "c1", newShard, members.Status{}, members.JoinConditions{}))
	wantCounts(t, "moved", c, 0, 1)
	must(t, c.Leave(t.Context(), "c1", "lobby"))
	wantCounts(t, "left", c, 0, 0)
}

// TestLeaveWhileMoved moves a member during a Leave.
func TestLeaveWhileMoved(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	c := connectIn(t, table, oldShard)
	overtaken := newConnections(&overtaking{API: client, then: func() {
		must(t, c.Join(t.Context(), "c1", newShard, members.Status{}, members.JoinConditions{}))
	}}, table, time.Now)
	must(t, overtaken.Leave(t.Context(), "c1", "lobby"))
	wantCounts(t, "left", c, 0, 0)
	conn, err := c.Connection(t.Context(), "c1")
	must(t, err)
	if len(conn.Rooms) != 0 {
		t.Errorf("lists %v", conn.Rooms)
	}
}

// overtaking lets something happen before the first row is deleted.
type overtaking struct {
	API
	then func()
}

func (o *overtaking) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if then := o.then; then != nil {
		o.then = nil
		then()
	}
	return o.API.DeleteItem(ctx, in, opts...)
}

// TestMovesWithoutEnd checks that Join and Leave give up.
func TestMovesWithoutEnd(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	connectIn(t, table, oldShard)
	c := newConnections(stubbornUpdates{client}, table, time.Now)
	if err := c.Join(t.Context(), "c1", newShard, members.Status{}, members.JoinConditions{}); !errors.Is(err, errMoving) {
		t.Errorf("join: got %v, want errMoving", err)
	}
	if err := c.Leave(t.Context(), "c1", "lobby"); !errors.Is(err, errMoving) {
		t.Errorf("leave: got %v, want errMoving", err)
	}
}

// stubbornUpdates fails the condition of every update, and carries out other calls.
type stubbornUpdates struct{ API }

func (stubbornUpdates) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return stubborn{}.UpdateItem(ctx, in, o...)
}

// TestCallsOfMove counts the calls of a move, and of joining the same shard
// again, as nearly every join does.
func TestCallsOfMove(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	connectIn(t, table, oldShard)
	api := newCounting(client)
	c := newConnections(api, table, time.Now)
	for _, test := range []struct {
		to   members.Membership
		want map[string]int
	}{
		{oldShard, map[string]int{"UpdateItem": 1, "PutItem": 1}},
		{newShard, map[string]int{"UpdateItem": 4, "GetItem": 1, "PutItem": 1, "DeleteItem": 1}},
	} {
		must(t, c.Join(t.Context(), "c1", test.to, members.Status{}, members.JoinConditions{}))
		if got := api.taken(); !maps.Equal(got, test.want) {
			t.Errorf("join of shard %d: made the calls %v, want %v", test.to.Shard, got, test.want)
		}
	}
}
