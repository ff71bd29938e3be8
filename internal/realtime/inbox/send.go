package inbox

import (
	"context"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Sender sends the notifications of clients.
type Sender struct {
	directory *members.Directory
	meter     *limits.Meter
	notifier  *Notifier
	limits    limits.Limits
}

// NewSender returns a sender.
func NewSender(d *members.Directory, m *limits.Meter, n *Notifier, l limits.Limits) *Sender {
	return &Sender{directory: d, meter: m, notifier: n, limits: l.WithDefaults()}
}

// Send notifies the users that a client names.
func (s *Sender) Send(ctx context.Context, c *frames.Call, req protocol.Notify) (protocol.Answer, error) {
	if err := s.limits.CheckNotify(req); err != nil {
		return nil, err
	}
	// It counts as a message for each user: that much is written.
	weight := limits.Weight(len(req.UserIDs), len(req.Notification))
	if err := s.meter.Precheck(c.ConnectionID, weight); err != nil {
		return nil, err
	}
	sender, err := s.directory.Active(ctx, c.ConnectionID)
	for _, userID := range req.UserIDs {
		if err == nil {
			err = sender.Permits(userID, c.Needs()...)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := s.meter.Count(ctx, sender.UserID, sender.ID, weight); err != nil {
		return nil, err
	}
	receipt, err := s.notifier.Notify(ctx, Notice{
		UserIDs: req.UserIDs, From: sender.UserID, Notification: req.Notification, ClientID: req.ClientID,
	})
	if err != nil {
		return nil, err
	}
	return protocol.NotifyAck{ID: receipt.ID, Delivered: receipt.Delivered, Timestamp: receipt.Timestamp.UnixMilli()}, nil
}
