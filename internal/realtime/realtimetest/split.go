package realtimetest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// Working is a queue whose jobs are carried out immediately, each by itself.
type Working struct {
	run func(context.Context, ...delivery.Job) error
	// Jobs are those that are under way.
	Jobs sync.WaitGroup
	t    *testing.T
}

// Enqueue implements [delivery.Queue].
func (q *Working) Enqueue(_ context.Context, jobs ...delivery.Job) error {
	for _, j := range jobs {
		q.Jobs.Go(func() {
			if err := q.run(q.t.Context(), j); err != nil {
				q.t.Error(err)
			}
		})
	}
	return nil
}

// NewSplit returns a world whose rooms split at two members, and whose messages are queued
// from three members on.
func NewSplit(t *testing.T, change ...func(*Options)) (*World, *Working) {
	q := &Working{t: t}
	w := NewWorldAt(t, time.Now, append(change, func(o *Options) {
		o.ShardSize, o.DirectLimit, o.Queue = 2, 2, q
	})...)
	q.run = w.App.Run
	return w, q
}

// JoinLobby makes a connection and lets it join the lobby from a position.
func (w *World) JoinLobby(id, since string) protocol.Joined {
	w.Helper()
	w.AddConnection(id, "bob")
	return w.RejoinLobby(id, since)
}

// RejoinLobby lets a connection join the lobby from a position. Like a client, it joins
// again if the room was resized too often meanwhile.
func (w *World) RejoinLobby(id, since string) protocol.Joined {
	w.Helper()
	var answer protocol.Frame
	for range 10 {
		answer = w.Answer("join", id, fmt.Sprintf(`{"action":"join","roomId":"lobby"%s}`, since))
		if joined, ok := answer.(protocol.Joined); ok {
			return joined
		}
		if Code(answer) != protocol.CodeUnavailable {
			break
		}
	}
	w.Errorf("joining: got %+v", answer)
	return protocol.Joined{}
}

// Seqs returns the seqs of the messages that a connection got, in batches or
// alone.
func (w *World) Seqs(id string) map[int64]bool {
	w.Helper()
	got := map[int64]bool{}
	for _, text := range w.Poster.Posted(id) {
		for _, m := range Messages(w.T, text) {
			got[m.Seq] = true
		}
	}
	return got
}

// Messages returns the messages in a frame.
func Messages(t *testing.T, frame string) []protocol.Message {
	t.Helper()
	var f struct {
		Type   string
		Frames []protocol.Message
		protocol.Message
	}
	if err := json.Unmarshal([]byte(frame), &f); err != nil {
		t.Fatalf("%v in %s", err, frame)
	}
	if f.Type == "batch" {
		return f.Frames
	}
	return []protocol.Message{f.Message}
}
