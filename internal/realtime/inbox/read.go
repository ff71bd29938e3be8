package inbox

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

const (
	// firstRead is how many notifications are read at first for a page, while nothing
	// is known of their size: few, because each may have 16 KB.
	firstRead = 4
	// maxRead limits one read.
	maxRead = 100
)

// Reader reads the inboxes of users.
type Reader struct {
	directory *members.Directory
	inboxes   Pages
	limit     int
}

// NewReader returns a reader.
func NewReader(d *members.Directory, inboxes Pages, o Options) *Reader {
	return &Reader{directory: d, inboxes: inboxes, limit: o.withDefaults().Limit}
}

// Inbox answers with a page of the user's inbox.
func (r *Reader) Inbox(ctx context.Context, c *frames.Call, req protocol.InboxRequest) (protocol.Answer, error) {
	user, err := r.directory.Active(ctx, c.ConnectionID)
	if err != nil {
		return nil, err
	}
	page, err := r.page(ctx, user.UserID, req.Since)
	if err != nil {
		return nil, fmt.Errorf("read the inbox of user %q: %w", user.UserID, err)
	}
	return page, nil
}

// page reads as much of an inbox as fits in a frame.
func (r *Reader) page(ctx context.Context, userID, since string) (protocol.Inbox, error) {
	page := protocol.Inbox{Notifications: []protocol.Notification{}}
	state, err := r.state(ctx, userID, since == "")
	if err != nil {
		return protocol.Inbox{}, err
	}
	if page.Dropped = state.Dropped - state.DroppedAcked; page.Dropped > 0 {
		page.DroppedUpTo = state.Dropped
	}
	for bytes, limit := 0, firstRead; ; {
		read, err := r.inboxes.List(ctx, userID, since, limit)
		if err != nil {
			return protocol.Inbox{}, err
		}
		for _, n := range read {
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
		if len(read) < limit {
			return page, nil
		}
		// As many as will fit if they are like those before.
		limit = min(max(protocol.PageBytes-bytes, 0)*len(page.Notifications)/bytes+1, maxRead)
	}
}

// state returns the counts of an inbox. For the first page it first drops what the
// inbox holds above its limit, see [Notifier.isTrimDue]: a user never sees more than
// the limit.
func (r *Reader) state(ctx context.Context, userID string, firstPage bool) (State, error) {
	state, err := r.inboxes.State(ctx, userID)
	if err != nil || !firstPage || state.Count <= int64(r.limit) {
		return state, err
	}
	if err := r.inboxes.Trim(ctx, userID, r.limit); err != nil {
		return State{}, err
	}
	return r.inboxes.State(ctx, userID)
}
