package realtime

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// firstShard is where the members of a room are that is not split.
const firstShard = 0

// Receipt says where in a room's log a message is.
type Receipt struct {
	ID        string
	Seq       int64
	Timestamp time.Time
}

// SendMessage answers the frame of a sendMessage; the answer is nil when the
// sender wants none. It needs Connections, Log, Poster and Queue.
func (s *Service) SendMessage(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionSendMessage, connectionID: connectionID}
	req, err := protocol.DecodeSendMessage(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	sender, roomID, err := s.sender(ctx, connectionID, req.RoomID, "sending to it")
	if err != nil {
		return s.failure(ctx, c, err)
	}
	receipt, err := s.Publish(ctx, roomID, sender.UserID, req.Message)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	if req.Quiet {
		return nil
	}
	return protocol.Ack{
		ClientID: req.ClientID, RoomID: roomID,
		Seq: receipt.Seq, ID: receipt.ID, Timestamp: receipt.Timestamp.UnixMilli(),
	}
}

// Publish appends a message to a room's log and delivers it to the room. It
// needs Connections, Log, Poster and Queue. The arguments keep the limits of
// package protocol. An error means that the message was not appended, as far
// as is known: what goes wrong with the delivery is logged, for the message is
// in the log by then.
func (s *Service) Publish(ctx context.Context, roomID, userID, message string) (Receipt, error) {
	now := s.now().Truncate(time.Millisecond)
	e := Entry{
		RoomID: roomID, ID: s.newID(), UserID: userID, Message: message,
		Timestamp: now, ExpiresAt: now.Add(LogRetention).Truncate(time.Second),
	}
	head, err := s.log.Append(ctx, e)
	if err != nil {
		return Receipt{}, fmt.Errorf("append to the log of room %q: %w", roomID, err)
	}
	if err := s.spread(ctx, e, head); err != nil {
		s.logger.ErrorContext(ctx, "message is in the log, but was not delivered",
			"roomId", roomID, "seq", head.Seq, "error", err)
	}
	return Receipt{ID: e.ID, Seq: head.Seq, Timestamp: now}, nil
}

// spread brings a message to the members of its room: to a few by posting it,
// to many by a job for each shard of the room.
func (s *Service) spread(ctx context.Context, e Entry, head Head) error {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	frame, err := protocol.Encode(protocol.Message{
		RoomID: e.RoomID, Seq: head.Seq, ID: e.ID, UserID: e.UserID,
		Message: e.Message, Timestamp: e.Timestamp.UnixMilli(),
	})
	if err != nil {
		return err
	}
	if head.Shards == 1 {
		// One more than are posted to is enough to see that there are more.
		members, err := s.connections.Members(ctx, e.RoomID, firstShard, s.directLimit+1)
		if err == nil && len(members) <= s.directLimit {
			s.deliver(ctx, delivery{frame: frame, roomID: e.RoomID}, members)
			return nil
		}
		if err != nil {
			// Whoever takes the job from the queue has more time to read them.
			s.logger.WarnContext(ctx, "could not read the members, so the message is queued",
				"roomId", e.RoomID, "seq", head.Seq, "error", err)
		}
	}
	for shard := range head.Shards {
		if err := s.queue.Enqueue(ctx, Job{RoomID: e.RoomID, Seq: head.Seq, Shard: shard, Frame: string(frame)}); err != nil {
			return fmt.Errorf("queue shard %d: %w", shard, err)
		}
	}
	return nil
}
