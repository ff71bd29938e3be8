package member

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Chat is a small room, all of whose members are connected and send in turn.
type Chat struct {
	senders []*Sender

	mu       sync.Mutex
	sentAt   map[string]time.Time
	took     []time.Duration
	expected int
	missing  int
}

// NewChat makes a room of members, which dial connects to it, each by its
// number.
func NewChat(ctx context.Context, room string, members int, dial func(ctx context.Context, n int) (*websocket.Conn, error)) (*Chat, error) {
	c := &Chat{sentAt: map[string]time.Time{}}
	for n := range members {
		conn, err := dial(ctx, n)
		if err != nil {
			c.Close()
			return nil, err
		}
		c.senders = append(c.senders, NewSender(ctx, conn, room, c.heard))
	}
	return c, nil
}

func (c *Chat) heard(text string) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if sent, ok := c.sentAt[text]; ok {
		c.took = append(c.took, now.Sub(sent))
		c.expected--
	}
}

// Phase sends for a time, at a steady rate, and returns how long each delivery
// took.
func (c *Chat) Phase(ctx context.Context, rate float64, length time.Duration) ([]time.Duration, error) {
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	var sending sync.WaitGroup
	var failed error
	var once sync.Once
	turns := make([]sync.Mutex, len(c.senders)) // a sender waits for its ack before it sends again
	for n, end := 0, time.Now().Add(length); time.Now().Before(end); n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		text := strconv.FormatInt(time.Now().UnixNano(), 10)
		c.mu.Lock()
		c.sentAt[text] = time.Now()
		c.expected += len(c.senders)
		c.mu.Unlock()
		sending.Go(func() {
			turn := n % len(c.senders)
			turns[turn].Lock()
			defer turns[turn].Unlock()
			if _, _, err := c.senders[turn].Send(ctx, text); err != nil {
				once.Do(func() { failed = err })
			}
		})
	}
	sending.Wait()
	select {
	case <-time.After(time.Second): // for the last deliveries
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	took := c.took
	c.missing += c.expected
	c.took, c.expected, c.sentAt = nil, 0, map[string]time.Time{}
	return took, failed
}

// Missing is how many deliveries of all phases did not come.
func (c *Chat) Missing() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.missing
}

// Close ends the connections.
func (c *Chat) Close() {
	for _, s := range c.senders {
		s.Close()
	}
}
