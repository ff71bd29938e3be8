package messages

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// Receipt says where in a room's log a message is.
type Receipt struct {
	ID        string
	Seq       int64
	Timestamp time.Time
}

// Publisher publishes messages to rooms.
type Publisher struct {
	log    *roomlog.Appender
	fanOut *delivery.FanOut
}

// NewPublisher returns a publisher.
func NewPublisher(log *roomlog.Appender, f *delivery.FanOut) *Publisher {
	return &Publisher{log: log, fanOut: f}
}

// Publish appends a message to a room's log and delivers it to the room. The
// publication must keep the limits of package protocol. Without an error the message
// is in the log, and every member was posted to or is named in a job of the queue.
// After an error it is right to publish it again: with a ClientID that does not
// duplicate it.
func (p *Publisher) Publish(ctx context.Context, m roomlog.Publication) (Receipt, error) {
	e, head, err := p.log.Append(ctx, m)
	if err != nil {
		return Receipt{}, fmt.Errorf("append to the log of room %q: %w", m.RoomID, err)
	}
	// A copy is delivered as well: the function that handled the first one may have
	// crashed before everybody had it.
	if err := p.fanOut.Deliver(ctx, e, head); err != nil {
		return Receipt{}, fmt.Errorf("deliver seq %d of room %q: %w", e.Seq, m.RoomID, err)
	}
	return Receipt{ID: e.ID, Seq: e.Seq, Timestamp: e.Timestamp}, nil
}
