package queue

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/roomcast/roomcast/internal/realtime/cursors"
)

// Cursors implements [cursors.Queue] on an SQS FIFO queue.
type Cursors struct{ fifo }

var _ cursors.Queue = (*Cursors)(nil)

// NewCursors returns the FIFO queue with that URL.
func NewCursors(sender Sender, url string) *Cursors {
	return &Cursors{fifo{sender: sender, url: url}}
}

// Enqueue implements [cursors.Queue]. The moves in one shard of a room form one message
// group, so that a function gets many of them together.
func (c *Cursors) Enqueue(ctx context.Context, jobs ...cursors.Job) error {
	messages := make([]message, len(jobs))
	for i, j := range jobs {
		var err error
		// Never deduplicated: two moves with the same content are different moves.
		messages[i], err = newMessage(fmt.Sprintf("a cursor in room %q", j.RoomID), j, Group(j.RoomID, j.Shard), rand.Text())
		if err != nil {
			return err
		}
	}
	return c.send(ctx, messages)
}
