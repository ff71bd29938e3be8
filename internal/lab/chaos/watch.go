package chaos

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/local/gateway"
)

// deviceParameter is the query parameter of the handshake that names the device.
// The server ignores it.
const deviceParameter = "device"

// Watch records what happens at the gateway. Its method Observe is an observer
// of a local cloud.
type Watch struct {
	mu      sync.Mutex
	conns   map[string]*Connection
	copies  map[string]int       // by the message's text
	arrived map[string]time.Time // of the first copy

	deferred map[string]map[int64]bool // by room and seq

	batches int // that reached a connection
	twice   []CursorTwice

	// joinAnswers gets every answer to a join; it may be nil.
	joinAnswers *joinAnswers
}

// Batches counts the batch frames that reached a connection.
const Batches = "batches"

// NewWatch returns a Watch that has seen nothing.
func NewWatch() *Watch {
	return &Watch{conns: map[string]*Connection{}, copies: map[string]int{}, arrived: map[string]time.Time{}, deferred: map[string]map[int64]bool{}}
}

// look has every answer to a join checked.
func (w *Watch) look(e *joinAnswers) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.joinAnswers = e
}

// Observe records an observation.
func (w *Watch) Observe(o gateway.Observation) {
	now := time.Now()
	switch o.Event {
	case gateway.Opened:
		w.with(o.Connection, func(c *Connection) {
			c.Opened, c.Device, c.User = now, o.Query.Get(deviceParameter), o.Query.Get("userId")
		})
	case gateway.Closed:
		w.with(o.Connection, func(c *Connection) {
			c.Closed = now
			c.end("", now)
		})
	case gateway.Received:
		w.received(o, now)
	case gateway.Answered:
		w.answered(o, now)
	case gateway.Commanded:
		w.commanded(o, now)
	}
}

// Log notes the messages that a function has warned about: a post to a member
// failed or was never sent, and a job is queued for that member. The gateway
// does not see a post that was never sent.
func (w *Watch) Log(line string) {
	var warning struct {
		Level, RoomID string
		Seq           int64
	}
	if json.Unmarshal([]byte(line), &warning) != nil || warning.Level != "WARN" || warning.RoomID == "" || warning.Seq == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deferred[warning.RoomID] == nil {
		w.deferred[warning.RoomID] = map[int64]bool{}
	}
	w.deferred[warning.RoomID][warning.Seq] = true
}

// with calls f with a connection, and records the connection if it is new.
func (w *Watch) with(id string, f func(*Connection)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.conns[id]
	if c == nil {
		c = &Connection{ID: id, joins: map[join]*asked{}}
		w.conns[id] = c
	}
	f(c)
}

// received ends a membership when the client asks to leave: from then on it need
// not get the room's messages. It also counts the copies of messages.
func (w *Watch) received(o gateway.Observation, now time.Time) {
	var frame struct{ Action, RoomID, ClientID, Message string }
	if json.Unmarshal(o.Frame, &frame) != nil {
		return
	}
	switch frame.Action {
	case "refresh":
		w.with(o.Connection, func(c *Connection) {
			if c.refreshed.IsZero() {
				c.refreshed = now
			}
		})
	case "join":
		w.with(o.Connection, func(c *Connection) { c.asks(join{frame.RoomID, frame.ClientID}, now) })
	case "leave":
		w.with(o.Connection, func(c *Connection) { c.leaves(frame.RoomID, now) })
	case "sendMessage":
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.copies[frame.Message]++; w.copies[frame.Message] == 1 {
			w.arrived[frame.Message] = now
		}
	}
}

// answered begins a membership.
func (w *Watch) answered(o gateway.Observation, now time.Time) {
	var frame struct {
		Type, RoomID, ClientID string
		Seq                    int64
		Left                   []string
	}
	if json.Unmarshal(o.Frame, &frame) != nil {
		return
	}
	w.with(o.Connection, func(c *Connection) {
		if frame.Type == "refreshed" {
			for _, room := range frame.Left {
				c.leaves(room, c.refreshed)
			}
			c.refreshed = time.Time{}
		}
		if frame.Type == "joined" && w.joinAnswers != nil {
			w.joinAnswers.answered(c.Device, frame.RoomID, frame.Seq)
		}
		for j, a := range c.joins {
			if j.clientID != frame.ClientID || frame.RoomID != "" && j.room != frame.RoomID || a.open == 0 {
				continue
			}
			a.open--
			if frame.Type == "joined" && !a.left && c.Closed.IsZero() && !c.doubted && !c.joining(j.room) {
				c.Stays = append(c.Stays, Stay{Room: j.room, From: now})
			}
		}
	})
}

func (w *Watch) commanded(o gateway.Observation, now time.Time) {
	if o.Operation == "GetConnection" && o.Answer == http.StatusGone {
		// GET says that it is gone as well, so the stack may believe it, true or
		// not, and forget the connection at any time from now on, also while it
		// joins again.
		w.with(o.Connection, func(c *Connection) {
			c.doubted = true
			c.end("", now)
		})
	}
	if o.Operation != "PostToConnection" {
		return
	}
	var posts []Post
	cursors := map[CursorTwice]int{}
	for _, frame := range unpack(o.Frame) {
		post := Post{At: now, By: o.Caller, Carried: o.Result == http.StatusOK, Answered: o.Answer}
		switch frame.Type {
		case "message":
			post.Room, post.Seq = frame.RoomID, frame.Seq
		case "notification":
			post.NotificationID = frame.ID
		case "cursor":
			cursors[CursorTwice{Room: frame.RoomID, User: frame.UserID}]++
			continue
		default:
			continue
		}
		posts = append(posts, post)
	}
	w.with(o.Connection, func(c *Connection) {
		c.Posts = append(c.Posts, posts...)
		if len(posts) > 1 && posts[0].Carried {
			w.batches++
		}
		for of, n := range cursors {
			if n > 1 {
				of.Device = c.Device
				w.twice = append(w.twice, of)
			}
		}
	})
}

// asks records a join. It may move a member to another shard of the room: from
// now on the answer to the join says which messages the connection must get.
func (c *Connection) asks(j join, now time.Time) {
	c.end(j.room, now)
	if !slices.Contains(c.Entered, j.room) {
		c.Entered = append(c.Entered, j.room)
	}
	if c.joins[j] == nil {
		c.joins[j] = &asked{}
	}
	c.joins[j].open++
}

// leaves records that the connection is out of a room from a time on. That
// includes a join in progress: it may be answered after the leave, and done
// before.
func (c *Connection) leaves(room string, at time.Time) {
	c.end(room, at)
	for j, a := range c.joins {
		a.left = a.left || j.room == room
	}
}

// joining reports whether a join of a room has no answer yet. It may take effect
// at any time.
func (c *Connection) joining(room string) bool {
	for j, a := range c.joins {
		if j.room == room && a.open > 0 {
			return true
		}
	}
	return false
}

// end ends the connection's membership of a room, or of every room for "".
func (c *Connection) end(room string, at time.Time) {
	for i := range c.Stays {
		if s := &c.Stays[i]; s.To.IsZero() && (room == "" || s.Room == room) {
			s.To = at
		}
	}
}

// open returns the open connections of a device.
func (w *Watch) open(device string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []string
	for id, c := range w.conns {
		if c.Device == device && c.Closed.IsZero() {
			ids = append(ids, id)
		}
	}
	return ids
}

// batched returns the number of batch frames so far.
func (w *Watch) batched() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.batches
}

// copiesOf returns how often a message was received so far.
func (w *Watch) copiesOf(text string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.copies[text]
}

// seen moves the record to a history: the connections by id, the number of copies
// of each message by its text, and when the first one came. Later observations are
// not in it.
func (w *Watch) seen(h *History) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		if !c.refreshed.IsZero() { // never answered: the connection may be out of rooms
			c.end("", c.refreshed)
		}
	}
	h.Connections, h.Copies, h.Arrived, h.CursorsTwice, h.Deferred = w.conns, w.copies, w.arrived, w.twice, w.deferred
	w.conns, w.copies, w.arrived, w.deferred = map[string]*Connection{}, map[string]int{}, map[string]time.Time{}, map[string]map[int64]bool{}
}
