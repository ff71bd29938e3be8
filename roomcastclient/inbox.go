package roomcastclient

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// maxRecent is how many ids of notifications are remembered besides those in the
// inbox. A second copy follows soon after the first.
const maxRecent = 1000

// maxIDs is how many bytes of JSON the ids of one acknowledgement take, so that
// they fit into a frame.
const maxIDs = protocol.MaxFrame - 1<<10

// inbox delivers each notification to the application once: it may arrive live, on
// two connections, and each time the inbox is read.
type inbox struct {
	recent []string            // the newest ids, in the order of arrival
	seen   map[string]struct{} // the same
	stored map[string]struct{} // the ids that the inbox held when it was read
	// While the inbox is being read:
	reader   *connection         // the connection that reads it, nil otherwise
	found    map[string]struct{} // the ids so far
	deferred []Notification      // arrived live in the meantime, and are newer
}

func newInbox() inbox {
	return inbox{seen: map[string]struct{}{}, stored: map[string]struct{}{}}
}

// add remembers an id. It returns false if the id was known already.
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

// receiveNotification handles a live notification. The caller holds c.mu.
func (c *Client) receiveNotification(n Notification) {
	if c.inbox.reader != nil {
		c.inbox.deferred = append(c.inbox.deferred, n) // to deliver after the older ones
		return
	}
	c.emitNotification(n)
}

// emitNotification delivers a notification unless it was delivered before. The
// caller holds c.mu.
func (c *Client) emitNotification(n Notification) {
	if c.inbox.add(n.ID) && c.opts.OnNotification != nil {
		c.emit(func() { c.opts.OnNotification(n) })
	}
}

// readInbox reads the whole inbox on a new connection. The caller holds c.mu.
func (c *Client) readInbox(conn *connection) {
	if c.opts.OnNotification == nil {
		return
	}
	// What an interrupted reading found is still in the inbox.
	maps.Copy(c.inbox.stored, c.inbox.found)
	c.inbox.reader, c.inbox.found = conn, map[string]struct{}{}
	c.readInboxAfter(conn, "")
}

// readInboxAfter reads the page of the inbox after an id. The caller holds c.mu.
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

// finishInbox ends the reading of the inbox. stored are the ids that it holds, or
// nil if it could not be read. The caller holds c.mu.
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

// reportDropped reports how many notifications the inbox dropped, and then
// acknowledges them up to the count that the server named. The acknowledgement is
// sent once, and not if the connection was replaced by then: at worst the
// application gets the report twice. The caller holds c.mu.
func (c *Client) reportDropped(conn *connection, n int, upTo int64) {
	if c.opts.OnDropped == nil {
		return
	}
	frame, err := outgoing{Action: protocol.ActionAckNotification, ClientID: c.newID(), IDs: &[]string{}, DroppedUpTo: upTo}.encode()
	if err != nil {
		c.fail(err)
		return
	}
	c.emit(func() {
		c.opts.OnDropped(n)
		c.lock(func() {
			if conn == c.active {
				conn.send(frame, time.Time{})
			}
		})
	})
}

// Acknowledge removes notifications from the user's inbox. Ids that are not in it
// are ignored. It takes at most Options.CallTimeout for every 100 ids, or for
// fewer if they are long.
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
