package realtime

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// Receipt says where in a room's log a message is.
type Receipt struct {
	ID        string
	Seq       int64
	Timestamp time.Time
}

// Publish appends a message to a room's log and delivers it to the room. It
// needs Connections, Log, Sends, Poster and Queue. The arguments keep the
// limits of package protocol. Without an error the message is in the log, and
// every member was posted to or is named in a job of the queue. After an error
// it is right to publish it again: with a ClientID it is not doubled by that.
func (s *Service) Publish(ctx context.Context, p roomlog.Publication) (Receipt, error) {
	e, head, err := s.appender.Append(ctx, p)
	if err != nil {
		return Receipt{}, fmt.Errorf("append to the log of room %q: %w", p.RoomID, err)
	}
	// A copy is delivered as well: whoever took the first one may have died
	// before everybody had it.
	if err := s.spread(ctx, e, head); err != nil {
		return Receipt{}, fmt.Errorf("deliver seq %d of room %q: %w", e.Seq, p.RoomID, err)
	}
	return Receipt{ID: e.ID, Seq: e.Seq, Timestamp: e.Timestamp}, nil
}
