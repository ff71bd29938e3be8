package roomcastclient

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// maxRecent is how many ids of notifications are remembered, besides those that
// the inbox holds: a second copy follows soon after the first.
const maxRecent = 1000

// maxIDs is how many bytes of JSON the ids of one acknowledgement take together,
// so that they fit in a frame.
const maxIDs = protocol.MaxFrame - 1<<10

// inbox gives each notification to the application once: it may come live, on
// two connections, and each time that the inbox is read.
type inbox struct {
	recent []string            // the newest ids, in the order in which they came
	seen   map[string]struct{} // the same
	stored   map[string]struct{} // the ids that were in the inbox when it was read
	// While the inbox is read:
	reader *connection         // the connection on which, nil when it is not
	found  map[string]struct{} // the ids so far
	deferred  []Notification      // came live meanwhile, and are newer
}

func newInbox() inbox {
	return inbox{seen: map[string]struct{}{}, stored: map[string]struct{}{}}
}

// add remembers an id; false when it is known already.
func (b *inbox) add(id string) bool {
	_, seen := b.seen[id]
	_, held := b.stored[id]
	_, found := b.found[id]
	if seen || held || found {
		return false
	}
	b.seen[id] = struct{}{}
	b.recent = append(b.recent, id)
	if len(b.recent) > maxRecent {
		delete(b.seen, b.recent[0])
		b.recent = b.recent[1:]
	}
	return true
}

// notified takes in a notification that came live. With c.mu held.
func (c *Client) receiveNotification(n Notification) {
	if c.inbox.reader != nil {
		c.inbox.deferred = append(c.inbox.deferred, n) // after the older ones
		return
	}
	c.emitNotification(n)
}

// give gives a notification to the application, unless it has it. With c.mu
// held.
func (c *Client) emitNotification(n Notification) {
	if c.inbox.add(n.ID) && c.opts.OnNotification != nil {
		c.emit(func() { c.opts.OnNotification(n) })
	}
}

// readInbox reads the whole inbox on a new connection. With c.mu held.
func (c *Client) readInbox(conn *connection) {
	if c.opts.OnNotification == nil {
		return
	}
	// What a reading found that was broken off is still in the inbox.
	maps.Copy(c.inbox.stored, c.inbox.found)
	c.inbox.reader, c.inbox.found = conn, map[string]struct{}{}
	c.readInboxAfter(conn, "")
}

// readInboxAfter reads the page of the inbox after an id. With c.mu held.
func (c *Client) readInboxAfter(conn *connection, id string) {
	out := outgoing{Action: protocol.ActionInbox, ClientID: c.newID()}
	if id != "" {
		out.Since = id
	}
	q := &request{boundTo: conn, done: func(in *incoming, err error) {
		if c.closed || c.inbox.reader != conn || err == errConnectionLost {
			return // the next connection reads it from the start
		}
		if err != nil {
			c.fail(fmt.Errorf("roomcast: inbox: %w", err))
			c.finishInbox(nil)
			return
		}
		if id == "" && in.Dropped > 0 {
			c.reportDropped(conn, in.Dropped, in.DroppedUpTo)
		}
		for _, n := range in.Notifications {
			c.emitNotification(n.notification())
			c.inbox.found[n.ID] = struct{}{}
		}
		if last := len(in.Notifications) - 1; in.More && last >= 0 {
			c.readInboxAfter(conn, in.Notifications[last].ID)
			return
		}
		c.finishInbox(c.inbox.found)
	}}
	if err := q.setFrame(out); err != nil {
		c.fail(err)
		return
	}
	c.startRequest(q)
}

// inboxRead takes in that the inbox was read, and what it holds. With c.mu held.
func (c *Client) finishInbox(held map[string]struct{}) {
	if held != nil {
		c.inbox.stored = held
	}
	later := c.inbox.deferred
	c.inbox.reader, c.inbox.found, c.inbox.deferred = nil, nil, nil
	for _, n := range later {
		c.emitNotification(n)
	}
}

// dropped reports to the application how many notifications the inbox dropped,
// and then acknowledges them to the server, up to the count that it named. The
// acknowledgement is not sent again, and not on a connection that was replaced
// meanwhile: at worst the application gets the same report twice. With c.mu held.
func (c *Client) reportDropped(conn *connection, n int, upTo int64) {
	if c.opts.OnInboxDropped == nil {
		return
	}
	frame, err := outgoing{Action: protocol.ActionAckNotification, ClientID: c.newID(), IDs: &[]string{}, DroppedUpTo: upTo}.encode()
	if err != nil {
		c.fail(err)
		return
	}
	c.emit(func() {
		c.opts.OnInboxDropped(n)
		c.lock(func() {
			if conn == c.active {
				conn.send(frame, time.Time{})
			}
		})
	})
}

// Acknowledge says that notifications need not be kept any longer: they leave
// the user's inbox. Ids that are not in it are passed over; without any there is
// nothing to do. It takes at most CallTimeout for every 100 ids, fewer where
// they are long.
func (c *Client) Acknowledge(ctx context.Context, ids ...string) error {
	for i, id := range ids {
		if err := protocol.CheckNotificationID(fmt.Sprintf("ids[%d]", i), id); err != nil {
			return invalid(err)
		}
	}
	for _, chunk := range chunks(ids, protocol.MaxAckIDs, maxIDs, protocol.EncodedSize) {
		_, err := c.call(ctx, outgoing{Action: protocol.ActionAckNotification, IDs: &chunk}, &request{})
		if err != nil && CodeOf(err) != CodeUnknownNotification {
			return err
		}
	}
	return nil
}
