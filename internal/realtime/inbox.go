package realtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
)

// unknownNamed is how many unknown notifications an error names.
const unknownNamed = 5

const (
	// firstNotes is how many notifications are read at first for a page, when
	// nothing is known of their size: few, as each may be of 16 KB.
	firstNotes = 4
	// mostNotes bounds one read.
	mostNotes = 100
)

// Inbox does what an inbox asks for. It needs Connections and Inboxes.
func (s *Service) Inbox(ctx context.Context, c *frames.Call, req protocol.InboxRequest) (protocol.Answer, error) {
	user, err := s.known(ctx, c.ConnectionID)
	if err != nil {
		return nil, err
	}
	page, err := s.inboxPage(ctx, user.UserID, req.Since)
	if err != nil {
		return nil, fmt.Errorf("read the inbox of user %q: %w", user.UserID, err)
	}
	return page, nil
}

// inboxPage reads as much of an inbox as fits in a frame.
func (s *Service) inboxPage(ctx context.Context, userID, since string) (protocol.Inbox, error) {
	page := protocol.Inbox{Notifications: []protocol.Notification{}}
	state, err := s.inboxState(ctx, userID, since == "")
	if err != nil {
		return protocol.Inbox{}, err
	}
	if page.Dropped = state.Dropped - state.Forgiven; page.Dropped > 0 {
		page.DroppedUpTo = state.Dropped
	}
	for bytes, limit := 0, firstNotes; ; {
		notes, err := s.inboxes.Waiting(ctx, userID, since, limit)
		if err != nil {
			return protocol.Inbox{}, err
		}
		for _, n := range notes {
			frame := n.frame()
			size := protocol.Size(frame)
			if len(page.Notifications) > 0 && bytes+size > protocol.PageBytes {
				page.More = true
				return page, nil
			}
			bytes += size
			page.Notifications = append(page.Notifications, frame)
			since = n.ID
		}
		if len(notes) < limit {
			return page, nil
		}
		// As many as will fit if they are like those before.
		limit = min(max(protocol.PageBytes-bytes, 0)*len(page.Notifications)/bytes+1, mostNotes)
	}
}

// inboxState returns the counts of an inbox. At the beginning of a reading it
// drops first what the inbox holds above its limit, see trimIsDue: who reads it
// sees no more than the limit.
func (s *Service) inboxState(ctx context.Context, userID string, beginning bool) (InboxState, error) {
	state, err := s.inboxes.State(ctx, userID)
	if err != nil || !beginning || state.Kept <= int64(s.inboxLimit) {
		return state, err
	}
	if err := s.inboxes.Trim(ctx, userID, s.inboxLimit); err != nil {
		return InboxState{}, err
	}
	return s.inboxes.State(ctx, userID)
}

// frame returns the frame of a notification.
func (n Note) frame() protocol.Notification {
	return protocol.Notification{ID: n.ID, From: n.From, Notification: n.Notification, Timestamp: n.Timestamp.UnixMilli()}
}

// AckNotification does what an ackNotification asks for. It needs Connections and
// Inboxes.
func (s *Service) AckNotification(ctx context.Context, c *frames.Call, req protocol.AckNotification) (protocol.Answer, error) {
	user, err := s.known(ctx, c.ConnectionID)
	if err != nil {
		return nil, err
	}
	if err := s.acknowledge(ctx, user.UserID, req); err != nil {
		return nil, err
	}
	return protocol.InboxAck{IDs: req.IDs}, nil
}

// acknowledge removes what it can, and then says what was not there.
func (s *Service) acknowledge(ctx context.Context, userID string, req protocol.AckNotification) error {
	if req.DroppedUpTo > 0 {
		if err := s.inboxes.Forgive(ctx, userID, req.DroppedUpTo); err != nil {
			return err
		}
	}
	var mu sync.Mutex
	unknown := map[string]bool{}
	err := base.ForEach(len(req.IDs), base.CallConcurrency, func(i int) error {
		err := s.inboxes.Acknowledge(ctx, userID, req.IDs[i])
		if errors.Is(err, ErrUnknownNotification) {
			mu.Lock()
			defer mu.Unlock()
			unknown[req.IDs[i]] = true
			return nil
		}
		return err
	})
	if err != nil || len(unknown) == 0 {
		return err
	}
	var named []string
	for _, id := range req.IDs {
		if unknown[id] && len(named) < unknownNamed {
			named = append(named, fmt.Sprintf("%q", id))
		}
	}
	return protocol.Errorf(protocol.CodeUnknownNotification,
		"ids: %d not in your inbox: %s; the others were acknowledged", len(unknown), strings.Join(named, ", "))
}
