package roomcastclient

import (
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// promise returns the heartbeat in whole seconds, as the server is told it.
func (c *Client) pingSeconds() int64 {
	return int64((c.opts.Heartbeat + time.Second - 1) / time.Second)
}

// startHeartbeat has the connection in use pinged from now on. With c.mu held.
func (c *Client) startHeartbeat(conn *connection) {
	conn.heartbeat = c.after(jitter(c.opts.Heartbeat*8/10, c.opts.Heartbeat), func() {
		c.pingIfIdle(conn)
		c.startHeartbeat(conn)
	})
}

// probe pings a connection, unless that is under way: a ping that the server
// refuses is sent again until it has its answer. With c.mu held.
func (c *Client) pingIfIdle(conn *connection) {
	if !conn.gone && conn.pings == 0 {
		c.ping(conn)
	}
}

// ping asks how the rooms stand that were joined on a connection, in as many
// frames as their names take. One without an answer ends the connection. With
// c.mu held.
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
			onNoReply: func() { c.connectionLost(conn, errors.New("no answer to a ping")) },
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

// pong compares how the rooms stand with what the client has. With c.mu held.
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
