package roomcastclient

import (
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// promise returns the heartbeat in whole seconds, as the server is told it.
func (c *Client) promise() int64 {
	return int64((c.opts.Heartbeat + time.Second - 1) / time.Second)
}

// startHeartbeat has the connection in use pinged from now on. With c.mu held.
func (c *Client) startHeartbeat(conn *connection) {
	conn.heartbeat = c.after(jitter(c.opts.Heartbeat*8/10, c.opts.Heartbeat), func() {
		c.probe(conn)
		c.startHeartbeat(conn)
	})
}

// probe pings a connection, unless that is under way: a ping that the server
// refuses is sent again until it has its answer. With c.mu held.
func (c *Client) probe(conn *connection) {
	if !conn.gone && conn.pings == 0 {
		c.ping(conn)
	}
}

// ping asks how the rooms stand that were joined on a connection, in as many
// frames as their names take. One without an answer ends the connection. With
// c.mu held.
func (c *Client) ping(conn *connection) {
	var rooms []standpoint
	for _, r := range c.rooms {
		if conn.joined[r.id] && r.seq.started {
			rooms = append(rooms, standpoint{RoomID: r.id, Seq: r.seq.last})
		}
	}
	parts := chunks(rooms, protocol.MaxPingRooms, protocol.MaxPingNames, func(s standpoint) int { return protocol.EncodedSize(s.RoomID) })
	if len(parts) == 0 {
		parts = [][]standpoint{nil}
	}
	for _, part := range parts {
		q := &request{
			only:   conn,
			silent: func() { c.lost(conn, errors.New("no answer to a ping")) },
			done: func(in *incoming, err error) {
				conn.pings--
				switch {
				case err == nil:
					c.pong(conn, in)
				case err != errConnectionLost:
					c.fail(fmt.Errorf("roomcast: ping: %w", err))
				}
			},
		}
		if err := q.ask(outgoing{Action: protocol.ActionPing, ClientID: c.newID(), Rooms: part, Heartbeat: c.promise()}); err != nil {
			c.fail(fmt.Errorf("roomcast: ping: %w", err))
			continue
		}
		conn.pings++
		c.begin(q)
	}
}

// pong compares how the rooms stand with what the client has. With c.mu held.
func (c *Client) pong(conn *connection, in *incoming) {
	for _, state := range in.Rooms {
		r := c.rooms[state.RoomID]
		if r == nil || !conn.joined[r.id] || conn.ops[r.id] != nil {
			continue
		}
		c.counted(r, state.Members)
		switch otherLog := r.seq.epoch != "" && state.Epoch != r.seq.epoch; {
		case !state.Member:
			delete(conn.joined, r.id)
			c.tend(conn, r)
		case otherLog && conn == c.active:
			c.join(conn, r)
		default:
			r.seq.note(state.Seq)
			c.watch(r)
		}
	}
}
