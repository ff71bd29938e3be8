package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// maxNamed is how many unknown notifications an error names.
const maxNamed = 5

// Acknowledger removes notifications that users have seen.
type Acknowledger struct {
	directory *members.Directory
	inboxes   Acks
}

// NewAcknowledger returns an acknowledger.
func NewAcknowledger(d *members.Directory, inboxes Acks) *Acknowledger {
	return &Acknowledger{directory: d, inboxes: inboxes}
}

// Acknowledge removes notifications from the user's inbox.
func (a *Acknowledger) Acknowledge(ctx context.Context, c *frames.Call, req protocol.AckNotification) (protocol.Answer, error) {
	user, err := a.directory.Active(ctx, c.ConnectionID)
	if err != nil {
		return nil, err
	}
	if err := a.acknowledge(ctx, user.UserID, req); err != nil {
		return nil, err
	}
	return protocol.InboxAck{IDs: req.IDs}, nil
}

// acknowledge removes what it can, and then returns an error for the client if
// something was not there.
func (a *Acknowledger) acknowledge(ctx context.Context, userID string, req protocol.AckNotification) error {
	if req.DroppedUpTo > 0 {
		if err := a.inboxes.AcknowledgeDropped(ctx, userID, req.DroppedUpTo); err != nil {
			return err
		}
	}
	var mu sync.Mutex
	unknown := map[string]bool{}
	err := base.ForEach(len(req.IDs), base.CallConcurrency, func(i int) error {
		err := a.inboxes.Acknowledge(ctx, userID, req.IDs[i])
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
		if unknown[id] && len(named) < maxNamed {
			named = append(named, fmt.Sprintf("%q", id))
		}
	}
	return protocol.Errorf(protocol.CodeUnknownNotification,
		"ids: %d not in your inbox: %s; the others were acknowledged", len(unknown), strings.Join(named, ", "))
}
