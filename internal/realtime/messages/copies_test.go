package messages_test

import (
	"context"
	"errors"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// overtaken are the sends of a function that another one overtakes before it claims one.
type overtaken struct {
	sends.Store
	before func(key sends.Key) error
}

func (o overtaken) Claim(ctx context.Context, key sends.Key, s sends.Send) (sends.Send, error) {
	if err := o.before(key); err != nil {
		return sends.Send{}, err
	}
	return o.Store.Claim(ctx, key, s)
}

// TestOvertakenCopyReachesNewShards has a copy of a send that takes seq 1. Then the room is
// split, a member joins in the new shard, and another copy takes seq 2, claims it and
// crashes. The first copy puts the message at seq 2, and delivers it by the layout that
// goes with seq 2: otherwise the new member would not get it.
func TestOvertakenCopyReachesNewShards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "lobby")
	w.App = newWorld(t, func(o *realtimetest.Options) {
		o.Connections, o.Log, o.Poster, o.Queue = w.Memory, w.Memory, w.Poster, w.Queue
		o.Sends = overtaken{w.Memory, func(key sends.Key) error {
			split := shard.Layout{Shards: 2, Open: []int{1}, Version: 1}
			resized := w.Memory.Resize(t.Context(), "lobby", split, realtimetest.Noon.Add(roomlog.DefaultRetention.Age))
			head, err := w.Memory.Advance(t.Context(), "lobby", "copy", realtimetest.Noon, realtimetest.Noon.Add(roomlog.DefaultRetention.Age))
			_, claimed := w.Memory.Claim(t.Context(), key, sends.Send{
				ID: "copy", Timestamp: realtimetest.Noon, Seq: head.Seq, ExpiresAt: realtimetest.Noon.Add(sends.Window),
			})
			return errors.Join(resized, err, claimed)
		}}
	}).App
	r, err := w.Publish(t.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: "x"})
	if err != nil || r.Seq != 2 || r.ID != "copy" {
		t.Fatalf("got %+v, %v, want seq 2 of the copy", r, err)
	}
	shards := map[int]bool{}
	for _, j := range w.Queue.Jobs() {
		shards[j.Shard] = j.Seq == 2
	}
	if len(shards) != 2 || !shards[0] || !shards[1] {
		t.Errorf("queued for the shards %v, want both", shards)
	}
}
