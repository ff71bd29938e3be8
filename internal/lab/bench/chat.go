package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/roomcast/roomcast/internal/retry"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// Chat is a workload: users sit idle in rooms of one size, then each of them
// sends one message, and every member of its room has to get it once.
type Chat struct {
	// URL of the WebSocket API's stage.
	URL string
	// Users is the number of connections, a user each. It has to be a
	// multiple of RoomSize.
	Users int
	// RoomSize is the number of members of each room.
	RoomSize int
	// Rate is the number of messages sent a second, over all users.
	Rate float64
	// WarmUp is the number of messages sent first, in a room of their own,
	// which only ColdStart counts.
	WarmUp int
	// Hold is how long the connections sit idle before the first message.
	Hold time.Duration
	// Timeout is how long to wait for stragglers after the last send.
	Timeout time.Duration
}

// ChatResult is what a Chat run saw.
type ChatResult struct {
	Users    int     `json:"users"`
	RoomSize int     `json:"roomSize"`
	Rate     float64 `json:"ratePerSecond"`
	WarmUp   int     `json:"warmUpMessages"`

	// ColdStart is the time from the first warm-up message to its ack, in
	// milliseconds; 0 without a warm-up.
	ColdStart float64 `json:"coldStartMs"`

	// ConnectSeconds is the time until all users were connected.
	ConnectSeconds float64 `json:"connectSeconds"`
	// SendSeconds is the time from the first send to the last delivery.
	SendSeconds float64 `json:"sendSeconds"`

	Sent       int `json:"sent"`
	Acked      int `json:"acked"`
	Expected   int `json:"expectedDeliveries"`
	Delivered  int `json:"deliveries"`
	Missing    int `json:"missing"`
	Duplicates int `json:"duplicates"`
	Errors     int `json:"errors"`

	// UnitsPerMessage are what a message cost in the tables, nil for a stack
	// that does not tell because it does not run here.
	UnitsPerMessage *Units `json:"unitsPerMessage,omitempty"`

	// Delivery is the time from a send to one member's receiving it.
	Delivery Latency `json:"deliveryMs"`
	// Ack is the time from a send to the sender's receiving its ack.
	Ack Latency `json:"ackMs"`
}

// Err returns an error if a message was lost, doubled or refused.
func (r ChatResult) Err() error {
	if r.Missing+r.Duplicates+r.Errors > 0 {
		return fmt.Errorf("bench chat: %d missing, %d doubled, %d errors", r.Missing, r.Duplicates, r.Errors)
	}
	return nil
}

// linger is how long a run listens on when everything has come: a post is
// tried again for up to 2 s, so a doubled message may be that late.
const linger = 3 * time.Second

// chatRun is the shared state of one run. Sends are numbered from 0; the
// number is the message's text, so that a receiver finds the send again.
type chatRun struct {
	Chat
	sentAt  []atomic.Int64 // by send: nanoseconds since start
	got     [][]int32      // by receiver, by position of the sender in the room
	mu      []sync.Mutex   // by receiver: guards its row of got
	pending atomic.Int64   // deliveries and acks still to come
	done    chan struct{}  // closed when all have come
	acks    []atomic.Bool  // by sender
	errors  atomic.Int64
	start   time.Time
	deliver recorder
	ack     recorder
}

// Run connects, sends and waits. It returns an error only when the workload
// could not be driven; lost and doubled messages are figures in the result.
func (c Chat) Run(ctx context.Context) (ChatResult, error) {
	if c.RoomSize < 1 || c.Users < 1 || c.Users%c.RoomSize != 0 {
		return ChatResult{}, fmt.Errorf("bench chat: %d users do not fill rooms of %d: choose a multiple of the room size", c.Users, c.RoomSize)
	}
	if c.Rate <= 0 {
		return ChatResult{}, fmt.Errorf("bench chat: the rate has to be above 0 messages a second, got %v", c.Rate)
	}
	r := &chatRun{Chat: c, start: time.Now(), done: make(chan struct{}),
		sentAt: make([]atomic.Int64, c.Users), got: make([][]int32, c.Users), mu: make([]sync.Mutex, c.Users), acks: make([]atomic.Bool, c.Users)}
	for i := range r.got {
		r.got[i] = make([]int32, c.RoomSize)
	}
	r.pending.Store(int64(c.Users*c.RoomSize + c.Users))

	conns, err := r.connect(ctx)
	defer func() {
		for _, conn := range conns {
			if conn != nil {
				_ = conn.CloseNow()
			}
		}
	}()
	if err != nil {
		return ChatResult{}, err
	}
	connected := time.Since(r.start)
	for i, conn := range conns {
		go r.receive(ctx, i, conn)
	}
	cold, err := c.warmUp(ctx)
	if err != nil {
		return ChatResult{}, err
	}
	if err := retry.Sleep(ctx, c.Hold); err != nil {
		return ChatResult{}, err
	}
	before, untold := unitsSoFar(ctx, r.URL)
	first := time.Now()
	if err := r.send(ctx, conns); err != nil {
		return ChatResult{}, err
	}
	select {
	case <-r.done:
	case <-time.After(c.Timeout):
	case <-ctx.Done():
		return ChatResult{}, ctx.Err()
	}
	took := time.Since(first)
	if err := retry.Sleep(ctx, linger); err != nil {
		return ChatResult{}, err
	}
	result := r.result()
	if untold == nil {
		after, err := unitsSoFar(ctx, r.URL)
		if err != nil {
			return ChatResult{}, err
		}
		units := after.since(before, result.Sent)
		result.UnitsPerMessage = &units
	}
	result.ColdStart = milliseconds(cold)
	result.ConnectSeconds = connected.Seconds()
	result.SendSeconds = took.Seconds()
	return result, nil
}

// connect opens every user's socket, a bounded number of handshakes at once.
func (r *chatRun) connect(ctx context.Context) ([]*websocket.Conn, error) {
	conns := make([]*websocket.Conn, r.Users)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(50)
	for i := range conns {
		g.Go(func() error {
			query := url.Values{"userId": {"user-" + strconv.Itoa(i)}, "roomId": {r.room(i)}}
			conn, _, err := websocket.Dial(ctx, r.URL+"?"+query.Encode(), nil)
			if err != nil {
				return fmt.Errorf("bench chat: connect user %d: %w", i, err)
			}
			conn.SetReadLimit(128 << 10)
			conns[i] = conn
			return nil
		})
	}
	return conns, g.Wait()
}

func (r *chatRun) room(user int) string { return "room-" + strconv.Itoa(user/r.RoomSize) }

// send has each user send its one message, spread evenly at the rate.
func (r *chatRun) send(ctx context.Context, conns []*websocket.Conn) error {
	limiter := rate.NewLimiter(rate.Limit(r.Rate), 1)
	g, ctx := errgroup.WithContext(ctx)
	for i, conn := range conns {
		if err := limiter.Wait(ctx); err != nil {
			return errors.Join(err, g.Wait())
		}
		g.Go(func() error {
			frame, err := json.Marshal(map[string]string{
				"action": "sendMessage", "roomId": r.room(i),
				"message": strconv.Itoa(i), "clientId": "bench-" + strconv.Itoa(i),
			})
			if err != nil {
				return err
			}
			r.sentAt[i].Store(int64(time.Since(r.start)))
			if err := conn.Write(ctx, websocket.MessageText, frame); err != nil {
				return fmt.Errorf("bench chat: send of user %d: %w", i, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// receive counts what one user gets until its socket ends.
func (r *chatRun) receive(ctx context.Context, user int, conn *websocket.Conn) {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		now := int64(time.Since(r.start))
		var frame struct{ Type, Message, ClientID string }
		if json.Unmarshal(data, &frame) != nil {
			r.errors.Add(1)
			continue
		}
		switch frame.Type {
		case "message":
			r.count(user, frame.Message, now)
		case "ack":
			if r.acks[user].Swap(true) {
				r.errors.Add(1) // one send, two acks
				continue
			}
			r.ack.add(time.Duration(now - r.sentAt[user].Load()))
			r.arrived()
		default:
			r.errors.Add(1)
		}
	}
}

func (r *chatRun) count(user int, text string, now int64) {
	sender, err := strconv.Atoi(text)
	if err != nil || sender < 0 || sender >= r.Users || sender/r.RoomSize != user/r.RoomSize {
		r.errors.Add(1)
		return
	}
	r.mu[user].Lock()
	r.got[user][sender%r.RoomSize]++
	first := r.got[user][sender%r.RoomSize] == 1
	r.mu[user].Unlock()
	if !first {
		return
	}
	r.deliver.add(time.Duration(now - r.sentAt[sender].Load()))
	r.arrived()
}

// arrived notes that one delivery or ack has come.
func (r *chatRun) arrived() {
	if r.pending.Add(-1) == 0 {
		close(r.done)
	}
}

func (r *chatRun) result() ChatResult {
	out := ChatResult{Users: r.Users, RoomSize: r.RoomSize, Rate: r.Rate, WarmUp: r.WarmUp, Sent: r.Users,
		Expected: r.Users * r.RoomSize, Errors: int(r.errors.Load()),
		Delivery: r.deliver.latency(), Ack: r.ack.latency()}
	for user := range r.got {
		if r.acks[user].Load() {
			out.Acked++
		}
		r.mu[user].Lock()
		for _, n := range r.got[user] {
			switch {
			case n == 0:
				out.Missing++
			default:
				out.Delivered += int(n)
				out.Duplicates += int(n) - 1
			}
		}
		r.mu[user].Unlock()
	}
	return out
}
