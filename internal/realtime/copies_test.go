package realtime_test

import (
	"context"
	"errors"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// overtaken are sends of a function that is overtaken before it claims one.
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

// TestOvertakenCopyReachesNewShards has a copy of a send that takes seq 1. Then the
// room is split, a member comes into the new shard, and another copy takes seq 2,
// claims it and dies. The first copy puts the message at seq 2, and delivers it by
// the layout of that: else nobody would deliver it to the new member.
func TestOvertakenCopyReachesNewShards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada", "lobby")
	w.App = newWorld(t, func(o *realtimetest.Options) {
		o.Connections, o.Log, o.Poster, o.Queue = w.memory, w.memory, w.poster, w.queue
		o.Sends = overtaken{w.memory, func(key sends.Key) error {
			split := shard.Layout{Shards: 2, Open: []int{1}, Version: 1}
			resized := w.memory.Resize(t.Context(), "lobby", split, noon.Add(roomlog.DefaultRetention.Age))
			head, err := w.memory.Advance(t.Context(), "lobby", "copy", noon, noon.Add(roomlog.DefaultRetention.Age))
			_, claimed := w.memory.Claim(t.Context(), key, sends.Send{
				ID: "copy", Timestamp: noon, Seq: head.Seq, ExpiresAt: noon.Add(sends.Window),
			})
			return errors.Join(resized, err, claimed)
		}}
	}).App
	r, err := w.Publish(t.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: "x"})
	if err != nil || r.Seq != 2 || r.ID != "copy" {
		t.Fatalf("got %+v, %v, want seq 2 of the copy", r, err)
	}
	shards := map[int]bool{}
	for _, j := range w.queue.Jobs() {
		shards[j.Shard] = j.Seq == 2
	}
	if len(shards) != 2 || !shards[0] || !shards[1] {
		t.Errorf("queued for the shards %v, want both", shards)
	}
}
