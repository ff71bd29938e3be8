package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// raw is the socket of a Guest. A goroutine reads it all the time.
type raw struct {
	run  *run
	conn *websocket.Conn
	done chan struct{} // closed when the connection has ended

	mu      sync.Mutex
	guest   Guest
	waiting map[string]chan reply
}

// reply has the relevant fields of a frame from the server.
type reply struct {
	Type, Code, ClientID, RoomID, ID, UserID, Message string

	Seq, Timestamp int64
	Position       struct{ X float64 }
	Users          []string
	Notifications  []struct{ ID string }
	Frames         []reply
}

// admit connects a user with a token that permits everything in some rooms for so
// long. It returns nil if that fails.
func (r *run) admit(ctx context.Context, user string, life time.Duration, rooms ...string) *raw {
	grant, token, err := r.grant(user, life, rooms)
	if err != nil {
		r.fail(err)
		return nil
	}
	conn, err := r.open(ctx, user, user, token)
	if err != nil {
		r.count("guestsRefused", 1)
		return nil
	}
	c := &raw{run: r, conn: conn, done: make(chan struct{}), waiting: map[string]chan reply{}, guest: Guest{Name: user, User: user}}
	if token != "" {
		grant.Answered = time.Now()
		c.guest.Grants = []Grant{grant}
	}
	r.mu.Lock()
	r.guests = append(r.guests, c)
	r.mu.Unlock()
	r.count("guests", 1)
	go c.read()
	return c
}

// admitSoon repeats admit until it succeeds or the storm is over.
func (r *run) admitSoon(ctx context.Context, user string, life time.Duration, rooms ...string) *raw {
	for ctx.Err() == nil {
		if c := r.admit(ctx, user, life, rooms...); c != nil {
			return c
		}
		r.pause(ctx, retryBase)
	}
	return nil
}

// read handles every frame until the connection ends.
func (c *raw) read() {
	defer close(c.done)
	for {
		_, data, err := c.conn.Read(context.Background())
		if err != nil {
			return
		}
		at := time.Now()
		var f reply
		if json.Unmarshal(data, &f) != nil {
			continue // an empty frame, which API Gateway may send
		}
		c.mu.Lock()
		if f.Type != "batch" {
			f.Frames = []reply{f}
		}
		for _, one := range f.Frames {
			c.take(one, at)
		}
		c.mu.Unlock()
	}
}

// take handles a frame. The caller holds c.mu.
func (c *raw) take(f reply, at time.Time) {
	if f.Type == "" { // API Gateway's own: the function failed
		f.Type, f.Code = "error", "unavailable"
		for id := range c.waiting {
			if len(c.waiting) == 1 { // or nobody knows which
				f.ClientID = id
			}
		}
	}
	if !isPushed(f.Type) {
		if waiting := c.waiting[f.ClientID]; waiting != nil {
			waiting <- f
			delete(c.waiting, f.ClientID)
		}
		return
	}
	c.guest.Heard = append(c.guest.Heard, Heard{
		At: at, Type: f.Type, Room: f.RoomID, ID: f.ID, User: f.UserID, Text: f.Message, Seq: f.Seq, X: int(f.Position.X),
	})
}

// ask sends a frame, waits for its answer and records both. It returns zero if no
// answer came.
func (c *raw) ask(ctx context.Context, action, room string, fields map[string]any) reply {
	c.mu.Lock()
	n := len(c.guest.Asked)
	id, named := fields["clientId"].(string)
	if !named {
		id = fmt.Sprint("q", n+1)
	}
	answer := make(chan reply, 1)
	c.waiting[id] = answer
	c.guest.Asked = append(c.guest.Asked, Asked{Action: action, Room: room, At: time.Now()})
	c.mu.Unlock()
	frame := map[string]any{"action": action, "clientId": id}
	if room != "" {
		frame["roomId"] = room
	}
	maps.Copy(frame, fields)
	defer func() {
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()
	if !c.write(ctx, frame) {
		return reply{}
	}
	var f reply
	select {
	case f = <-answer:
	case <-c.done:
		return reply{}
	case <-time.After(answerTimeout):
		return reply{}
	case <-ctx.Done():
		return reply{}
	}
	c.answered(n, f)
	return f
}

// answered records the answer to the nth request.
func (c *raw) answered(n int, f reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &c.guest.Asked[n]
	if f.Code == "limit_reached" {
		c.run.count(RoomsRefused, 1)
	}
	a.Answered, a.Type, a.Code, a.Users = time.Now(), f.Type, f.Code, f.Users
	for _, note := range f.Notifications {
		a.IDs = append(a.IDs, note.ID)
	}
}

// write sends a frame.
func (c *raw) write(ctx context.Context, frame map[string]any) bool {
	data, err := json.Marshal(frame)
	if err != nil {
		c.run.fail(err)
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return c.conn.Write(ctx, websocket.MessageText, data) == nil
}

// join joins a room, repeatedly if necessary, and reports whether it succeeded.
func (c *raw) join(ctx context.Context, room string) bool {
	for ctx.Err() == nil && c.isOpen() {
		switch f := c.ask(ctx, "join", room, promise); {
		case f.Type == "joined":
			return true
		case f.Type == "error" && f.Code != "unavailable" && f.Code != "rate_limited" && f.Code != "not_in_room":
			return false
		}
		c.run.pause(ctx, retryBase)
	}
	return false
}

// say sends a message and returns its outcome.
func (c *raw) say(ctx context.Context, room, text string) Outcome {
	s := c.run.sending(&Send{Device: c.guest.Name, User: c.guest.User, Room: room, Text: text, Outcome: Open})
	f := c.ask(ctx, "sendMessage", room, map[string]any{"message": text, "clientId": strings.ReplaceAll(text, " ", "")})
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	switch {
	case f.Type == "ack":
		s.take(Receipt{Seq: f.Seq, ID: f.ID, Timestamp: f.Timestamp})
		s.Outcome = Acked
	case f.Type == "error" && f.Code != "unavailable":
		s.Outcome, s.Code = Refused, f.Code
	default:
		s.Outcome = Unknown
	}
	c.run.observed[string(s.Outcome)]++
	if s.Code == "rate_limited" {
		c.run.observed[RateLimited]++
	}
	return s.Outcome
}

// refresh sends another token, and reports whether the server accepted it.
func (c *raw) refresh(ctx context.Context, life time.Duration, rooms ...string) bool {
	grant, token, err := c.run.grant(c.guest.User, life, rooms)
	if err != nil {
		c.run.fail(err)
		return false
	}
	c.mu.Lock()
	n := len(c.guest.Grants)
	c.guest.Grants = append(c.guest.Grants, grant)
	c.mu.Unlock()
	if f := c.ask(ctx, "refresh", "", map[string]any{"token": token}); f.Type != "refreshed" {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.guest.Grants[n].Answered = time.Now()
	return true
}

// isOpen reports whether the connection is open.
func (c *raw) isOpen() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// end closes the connection.
func (c *raw) end() {
	c.mu.Lock()
	if c.guest.Until.IsZero() {
		c.guest.Until, c.guest.Closed = time.Now(), !c.isOpen()
	}
	c.mu.Unlock()
	_ = c.conn.CloseNow()
}

// outlives reports whether the connection is open although its token has ended.
func (c *raw) outlives() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.guest.Grants)
	return n > 0 && c.guest.Until.IsZero() && c.isOpen() && time.Since(c.guest.Grants[n-1].Ends) > clockError
}
