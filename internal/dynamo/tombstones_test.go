package dynamo

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// joinedLate returns connections with c1, which has joined a room by a write that late
// carries out once more.
func joinedLate(t *testing.T, m members.Membership) (c *allConnections, again func()) {
	t.Helper()
	table := newTable(t)
	c = newConnections(client, table, time.Now)
	now := time.Now()
	must(t, c.Connect(t.Context(), members.Connection{
		ID: "c1", UserID: "ada", Permissions: permission.Default(), ConnectedAt: now, ExpiresAt: now.Add(time.Hour).Truncate(time.Second),
	}))
	api := &late{API: client, twice: true}
	must(t, newConnections(api, table, time.Now).Join(t.Context(), "c1", m, members.Status{}, members.JoinConditions{}))
	return c, func() {
		for _, put := range api.puts {
			if err := put(); err != nil && !conditionFailed(err) {
				t.Error(err)
			}
		}
	}
}

// TestLeaveTwice leaves a room twice, as a client does that got no answer, before the write
// of its join is applied once more: the connection stays out of the room.
func TestLeaveTwice(t *testing.T) {
	t.Parallel()
	c, again := joinedLate(t, members.Membership{RoomID: "lobby"})
	for leaves := range 3 {
		must(t, c.Leave(t.Context(), "c1", "lobby"))
		if leaves > 0 {
			again()
		}
		if n, err := c.Count(t.Context(), "lobby", 0); n != 0 || err != nil {
			t.Errorf("after %d leaves there are %d members, %v", leaves+1, n, err)
		}
	}
}

// TestLateMembershipAfterAMove moves a connection to another shard before the write of its
// join is applied once more: it stays in the one shard that it lists.
func TestLateMembershipAfterAMove(t *testing.T) {
	t.Parallel()
	c, again := joinedLate(t, oldShard)
	must(t, c.Join(t.Context(), "c1", newShard, members.Status{}, members.JoinConditions{}))
	again()
	wantCounts(t, "after a move", c, 0, 1)
	must(t, c.Join(t.Context(), "c1", oldShard, members.Status{}, members.JoinConditions{}))
	again()
	wantCounts(t, "after a move back", c, 1, 0)
	must(t, c.Leave(t.Context(), "c1", oldShard.RoomID))
	again()
	wantCounts(t, "after a leave", c, 0, 0)
}

// TestTombstonesGoWithTheConnection has connections that connect, join a room, leave it and
// disconnect: nothing of them is left in the room that every message would read.
func TestTombstonesGoWithTheConnection(t *testing.T) {
	t.Parallel()
	c, _ := joinedLate(t, oldShard)
	must(t, c.Join(t.Context(), "c1", newShard, members.Status{}, members.JoinConditions{}))
	must(t, c.Leave(t.Context(), "c1", oldShard.RoomID))
	conn, err := c.Connection(t.Context(), "c1")
	must(t, err)
	must(t, c.Remove(t.Context(), conn))
	for _, m := range []members.Membership{oldShard, newShard} {
		there, err := c.Connections.get(t.Context(), memberKey("c1", m), true)
		if there != nil || err != nil {
			t.Errorf("in shard %d is %v, %v", m.Shard, there, err)
		}
	}
}

// TestLeaveWithoutAConnection leaves a room after the connection's own row was removed, as by
// a function that considered it gone while it joined.
func TestLeaveWithoutAConnection(t *testing.T) {
	t.Parallel()
	lobby := members.Membership{RoomID: "lobby"}
	c, _ := joinedLate(t, lobby)
	must(t, c.Remove(t.Context(), members.Connection{ID: "c1", UserID: "ada"}))
	must(t, c.Leave(t.Context(), "c1", lobby.RoomID))
	there, err := c.Connections.get(t.Context(), memberKey("c1", lobby), true)
	if there != nil || err != nil {
		t.Errorf("after a leave there is %v, %v", there, err)
	}
}

// TestLeaveTwiceReleasesTheSlot carries out every write of a leave twice, as the SDK does
// when an answer is lost: the slot in the room is free afterwards.
func TestLeaveTwiceReleasesTheSlot(t *testing.T) {
	t.Parallel()
	c, _ := joinedLate(t, oldShard)
	slots, room := NewSlots(client, c.Connections.name, time.Now), limits.RoomQuota(oldShard.RoomID)
	ends := time.Now().Add(time.Hour)
	slot, err := slots.Take(t.Context(), room, 1, "c1", ends)
	must(t, err)
	must(t, c.Join(t.Context(), "c1", oldShard, members.Status{}, members.JoinConditions{Slot: slot}))
	must(t, newConnections(doubling{client}, c.Connections.name, time.Now).Leave(t.Context(), "c1", oldShard.RoomID))
	if _, err := slots.Take(t.Context(), room, 1, "c2", ends); err != nil {
		t.Errorf("the slot is not free: %v", err)
	}
}
