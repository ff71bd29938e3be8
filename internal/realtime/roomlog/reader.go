package roomlog

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
)

// Reader reads the logs of rooms.
type Reader struct {
	log       Log
	retention Retention
	env       base.Env
}

// NewReader returns a reader.
func NewReader(log Log, r Retention, env base.Env) *Reader {
	return &Reader{log: log, retention: r.WithDefaults(), env: env.WithDefaults()}
}

// Head returns the head of a room's log.
func (r *Reader) Head(ctx context.Context, roomID string) (Head, error) {
	return ReadHead(ctx, r.log, roomID)
}

// ReadHead returns the head of a room's log. Its error names the room.
func ReadHead(ctx context.Context, heads Heads, roomID string) (Head, error) {
	head, err := heads.Head(ctx, roomID)
	if err != nil {
		return Head{}, fmt.Errorf("read the head of room %q: %w", roomID, err)
	}
	return head, nil
}

// Start returns the position from which a member without one gets messages: the
// head, once every seq up to it is resolved. A message that was put below the head
// later would look like an old one, and would never reach the member.
func (r *Reader) Start(ctx context.Context, roomID string, head Head) (protocol.Page, error) {
	if err := r.resolveTo(ctx, roomID, head); err != nil {
		return protocol.Page{}, err
	}
	return protocol.Page{Seq: head.Seq, Epoch: head.Epoch, Messages: []protocol.Message{}}, nil
}

// History returns the page of a room's log that a request asks for.
func (r *Reader) History(ctx context.Context, roomID string, req protocol.HistoryRequest) (protocol.Page, error) {
	head, err := r.Head(ctx, roomID)
	if err != nil {
		return protocol.Page{}, err
	}
	if err := CheckPosition(req.Since, head); err != nil {
		return protocol.Page{}, err
	}
	if req.Since != nil {
		return r.Recover(ctx, roomID, req.Since.Seq, head)
	}
	before := req.Before
	if before == 0 {
		before = head.Seq + 1
	}
	return r.before(ctx, roomID, before, req.Limit, head)
}

// CheckPosition returns an error for the client if a position was never one of
// the room's log.
func CheckPosition(at *protocol.Point, head Head) error {
	if at == nil {
		return nil
	}
	anyEpoch := at.Seq == 0 && at.Epoch == ""
	switch {
	case !anyEpoch && at.Epoch != head.Epoch:
		return protocol.Errorf(protocol.CodeUnknownPosition,
			"epoch: is not the room's, whose log has started again: join without since and epoch, and fetch again what you show")
	case at.Seq > head.Seq:
		return protocol.Errorf(protocol.CodeUnknownPosition,
			"since: %d is beyond the room's newest message: join without since and epoch, and fetch again what you show", at.Seq)
	}
	return nil
}
