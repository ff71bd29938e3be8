package messages

import (
	"context"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// Sender sends the messages of clients.
type Sender struct {
	directory *members.Directory
	meter     *limits.Meter
	publisher *Publisher
	limits    limits.Limits
}

// NewSender returns a sender.
func NewSender(d *members.Directory, m *limits.Meter, p *Publisher, l limits.Limits) *Sender {
	return &Sender{directory: d, meter: m, publisher: p, limits: l.WithDefaults()}
}

// Send publishes a client's message. The answer is nil if the client wants none.
func (s *Sender) Send(ctx context.Context, c *frames.Call, req protocol.SendMessage) (protocol.Answer, error) {
	if err := s.limits.CheckBytes("message", len(req.Message)); err != nil {
		return nil, err
	}
	weight := limits.Weight(1, len(req.Message))
	if err := s.meter.Precheck(c.ConnectionID, weight); err != nil {
		return nil, err
	}
	sender, roomID, err := s.directory.InRoom(ctx, c, req.RoomID, "sending to it")
	if err != nil {
		return nil, err
	}
	if err := s.meter.Count(ctx, sender.UserID, sender.ID, weight); err != nil {
		return nil, err
	}
	receipt, err := s.publisher.Publish(ctx, roomlog.Publication{
		RoomID: roomID, UserID: sender.UserID, Message: req.Message, ClientID: req.ClientID,
	})
	if err != nil || req.Quiet {
		return nil, err
	}
	return protocol.Ack{RoomID: roomID, Seq: receipt.Seq, ID: receipt.ID, Timestamp: receipt.Timestamp.UnixMilli()}, nil
}
