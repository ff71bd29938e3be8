package roomcastclient

import (
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/retry"
)

// pingSeconds returns PingInterval in whole seconds, as a frame names it.
func (c *Client) pingSeconds() int64 {
	return int64((c.opts.PingInterval + time.Second - 1) / time.Second)
}

// startHeartbeat pings the connection in use at intervals from now on. The caller
// holds c.mu.
func (c *Client) startHeartbeat(conn *connection) {
	conn.heartbeat = c.after(retry.Between(c.opts.PingInterval*8/10, c.opts.PingInterval), func() {
		c.pingIfIdle(conn)
		c.startHeartbeat(conn)
	})
}

// pingIfIdle pings a connection unless a ping is pending: one that the server
// refuses is sent again until it has its reply. The caller holds c.mu.
func (c *Client) pingIfIdle(conn *connection) {
	if !conn.gone && conn.pings == 0 {
		c.ping(conn)
	}
}

// ping sends the positions of the rooms that are joined on a connection, in as
// many frames as their names need. A ping without a reply ends the connection. The
// caller holds c.mu.
func (c *Client) ping(conn *connection) {
	var rooms []roomPosition
	for _, r := range c.rooms {
		if conn.joined[r.id] && r.seq.started {
			rooms = append(rooms, roomPosition{RoomID: r.id, Seq: r.seq.last})
		}
	}
	parts := chunks(rooms, protocol.MaxPingRooms, protocol.MaxPingNames, func(s roomPosition) int { return protocol.EncodedSize(s.RoomID) })
	if len(parts) == 0 {
		parts = [][]roomPosition{nil}
	}
	for _, part := range parts {
		q := &request{
			boundTo:   conn,
			onNoReply: func() { c.connectionLost(conn, errors.New("no reply to a ping")) },
			done: func(in *incoming, err error) {
				conn.pings--
				switch {
				case err == nil:
					c.receivePong(conn, in)
				case err != errConnectionLost:
					c.fail(fmt.Errorf("roomcast: ping: %w", err))
				}
			},
		}
		if err := q.setFrame(outgoing{Action: protocol.ActionPing, ClientID: c.newID(), Rooms: part, Heartbeat: c.pingSeconds()}); err != nil {
			c.fail(fmt.Errorf("roomcast: ping: %w", err))
			continue
		}
		conn.pings++
		c.startRequest(q)
	}
}

// receivePong compares the server's view of the rooms with the client's. The
// caller holds c.mu.
func (c *Client) receivePong(conn *connection, in *incoming) {
	for _, state := range in.Rooms {
		r := c.rooms[state.RoomID]
		if r == nil || !conn.joined[r.id] || conn.roomOps[r.id] != nil {
			continue
		}
		c.setMemberCount(r, state.Members)
		switch otherLog := r.seq.epoch != "" && state.Epoch != r.seq.epoch; {
		case !state.Member:
			delete(conn.joined, r.id)
			c.syncRoom(conn, r)
		case otherLog && conn == c.active:
			c.join(conn, r)
		default:
			r.seq.noteHead(state.Seq)
			c.watchGaps(r)
		}
	}
}
