package realtime

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// lookupConcurrency bounds the users that are looked up at the same time: with
// it, a hundred of them take about as long as seven one after the other.
const lookupConcurrency = 16

// NotifyReceipt says what became of a notification.
type NotifyReceipt struct {
	ID string
	// Delivered is the number of connections that got it.
	Delivered int
	Timestamp time.Time
}

// Notify answers the frame of a notify. It needs Connections and Poster.
func (s *Service) Notify(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionNotify, connectionID: connectionID}
	req, err := protocol.DecodeNotify(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	sender, err := s.connections.Connection(ctx, connectionID)
	if err != nil {
		return s.failure(ctx, c, lookupFailure(err))
	}
	receipt, err := s.NotifyUsers(ctx, req.UserIDs, sender.UserID, req.Notification)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	return protocol.NotifyAck{
		ClientID: req.ClientID, ID: receipt.ID,
		Delivered: receipt.Delivered, Timestamp: receipt.Timestamp.UnixMilli(),
	}
}

// NotifyUsers sends a notification to every connection of some users. It needs
// Connections and Poster. The arguments keep the limits of package protocol.
// An error means that nobody got it.
func (s *Service) NotifyUsers(ctx context.Context, userIDs []string, from string, notification json.RawMessage) (NotifyReceipt, error) {
	r := NotifyReceipt{ID: s.newID(), Timestamp: s.now().Truncate(time.Millisecond)}
	frame, err := protocol.Encode(protocol.Notification{
		ID: r.ID, From: from, Notification: notification, Timestamp: r.Timestamp.UnixMilli(),
	})
	if err != nil {
		return NotifyReceipt{}, err
	}
	members, err := s.connectionsOf(ctx, userIDs)
	if err != nil {
		return NotifyReceipt{}, err
	}
	ctx, cancel := withMargin(ctx)
	defer cancel()
	r.Delivered = s.deliver(ctx, delivery{frame: frame}, members)
	return r, nil
}

// connectionsOf returns the connections of all of the users.
func (s *Service) connectionsOf(ctx context.Context, userIDs []string) ([]Member, error) {
	found := make([][]Member, len(userIDs))
	failed := make([]error, len(userIDs))
	slots := make(chan struct{}, lookupConcurrency)
	var wg sync.WaitGroup
	for i, userID := range userIDs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			found[i], failed[i] = s.connections.OfUser(ctx, userID)
		})
	}
	wg.Wait()
	for i, err := range failed {
		if err != nil {
			return nil, fmt.Errorf("look up the connections of user %q: %w", userIDs[i], err)
		}
	}
	return slices.Concat(found...), nil
}
