package queue

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/roomcast/roomcast/internal/realtime/cursors"
)

// Cursors implements [realtime.CursorQueue] on an SQS FIFO queue.
type Cursors struct{ box }

var _ cursors.Queue = (*Cursors)(nil)

// NewCursors returns the FIFO queue with a URL.
func NewCursors(sender Sender, url string) *Cursors {
	return &Cursors{box{sender: sender, url: url}}
}

// Enqueue implements [realtime.CursorQueue]. The moves in one shard of a room
// form one message group, so that many of them come to a function together.
func (c *Cursors) Enqueue(ctx context.Context, jobs ...cursors.Job) error {
	letters := make([]letter, len(jobs))
	for i, j := range jobs {
		var err error
		// No two moves are the same, however alike they are.
		letters[i], err = newLetter(fmt.Sprintf("a cursor in room %q", j.RoomID), j, Group(j.RoomID, j.Shard), rand.Text())
		if err != nil {
			return err
		}
	}
	return c.send(ctx, letters)
}
