package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/roomcastclient"
)

// Recovery is a workload: a client comes back to a room in which it has missed
// messages, and has to have them all, in order.
type Recovery struct {
	// URL of the WebSocket API's stage, of a stack on this machine.
	URL string
	// Missed is the number of messages.
	Missed int
	// Bytes is the size of each message's text.
	Bytes int
	// Runs is how often it comes back.
	Runs int
}

// RecoveryResult is what a Recovery run saw.
type RecoveryResult struct {
	Missed int `json:"missed"`
	Bytes  int `json:"bytesPerMessage"`
	Runs   int `json:"runs"`

	// Recovery is the time from the join to the last of the messages.
	Recovery Latency `json:"recoveryMs"`
	// Units are what one recovery cost: the connection, the join, the messages.
	Units Units `json:"unitsPerRecovery"`
	// StoredBytes are the sizes of the messages' items, as DynamoDB counts
	// them, and LeastReadUnits what reading just these takes, at 4 KB a unit.
	StoredBytes    int     `json:"storedBytes"`
	LeastReadUnits float64 `json:"leastReadUnits"`
}

// recoverySenders fill the room together: each waits for its acks.
const recoverySenders = 16

// Run fills a room and recovers it. The error says when a message was missing
// or out of order, too.
func (r Recovery) Run(ctx context.Context) (RecoveryResult, error) {
	if r.Missed < 1 || r.Runs < 1 || r.Bytes < 1 {
		return RecoveryResult{}, errors.New("bench recovery: missed, bytes and runs have to be 1 or more")
	}
	room := fmt.Sprintf("recovery-%d", time.Now().UnixNano())
	since, err := r.fill(ctx, room)
	if err != nil {
		return RecoveryResult{}, fmt.Errorf("bench recovery: %w", err)
	}
	before, err := unitsSoFar(ctx, r.URL)
	if err != nil {
		return RecoveryResult{}, fmt.Errorf("bench recovery: %w", err)
	}
	var times recorder
	for range r.Runs {
		took, err := r.recover(ctx, room, since)
		if err != nil {
			return RecoveryResult{}, fmt.Errorf("bench recovery: %w", err)
		}
		times.add(took)
	}
	after, err := unitsSoFar(ctx, r.URL)
	if err != nil {
		return RecoveryResult{}, fmt.Errorf("bench recovery: %w", err)
	}
	stored := r.Missed * itemBytes(room, r.Bytes)
	return RecoveryResult{
		Missed: r.Missed, Bytes: r.Bytes, Runs: r.Runs,
		Recovery: times.latency(), Units: after.since(before, r.Runs),
		StoredBytes: stored, LeastReadUnits: float64(stored) / 4096,
	}, nil
}

// itemBytes is the size of a message's item: the names and the values of its
// attributes, a number taking a byte for two digits and one more.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func itemBytes(room string, text int) int {
	const ulid, milliseconds, seconds = 26, 8, 6
	return len("pk"+"ROOM#") + len(room) + len("sk") + 16 +
		len("id") + ulid + len("userId"+"filler") + len("message") + text +
		len("timestamp") + milliseconds + len("ttl") + seconds
}

// client returns a client of the stack as a user.
func (r Recovery) client(userID string, o roomcastclient.Options) (*roomcastclient.Client, error) {
	o.URL, o.UserID = r.URL, userID
	return roomcastclient.New(o)
}

// fill sends the messages, and one before them, whose position it returns.
func (r Recovery) fill(ctx context.Context, room string) (roomcastclient.Position, error) {
	text := strings.Repeat("m", r.Bytes)
	var since roomcastclient.Position
	var sent atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	begun := make(chan struct{})
	for sender := range recoverySenders {
		g.Go(func() (err error) {
			c, err := r.client("filler", roomcastclient.Options{})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, c.Close()) }()
			if sender == 0 {
				if _, err := c.Room(room).Join(ctx); err != nil {
					return err
				}
				first, err := c.Room(room).Send(ctx, "first")
				if err != nil {
					return err
				}
				since = roomcastclient.Position{Seq: first.Seq, Epoch: first.ID}
				close(begun)
			} else {
				select {
				case <-begun:
				case <-ctx.Done():
					return ctx.Err()
				}
				if _, err := c.Room(room).Join(ctx); err != nil {
					return err
				}
			}
			for sent.Add(1) <= int64(r.Missed) {
				if _, err := c.Room(room).Send(ctx, text); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return since, g.Wait()
}

// recover joins the room from a position and returns how long it took to have
// everything after it.
func (r Recovery) recover(ctx context.Context, room string, since roomcastclient.Position) (_ time.Duration, err error) {
	watch, open, done := r.watch(since)
	c, err := r.client("returner", watch)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	select {
	case <-open:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	start := time.Now()
	if _, err := c.Room(room).Join(ctx, roomcastclient.WithSince(since)); err != nil {
		return 0, err
	}
	select {
	case err := <-done:
		return time.Since(start), err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// watch returns the callbacks that tell when a connection is open and, once all
// messages after a position have come, or one out of order, what is wrong. Only
// the first of each counts: the callbacks never wait.
func (r Recovery) watch(since roomcastclient.Position) (o roomcastclient.Options, open <-chan struct{}, done <-chan error) {
	opened, ended := make(chan struct{}, 1), make(chan error, 1)
	next := since.Seq + 1
	o.OnState = func(s roomcastclient.State) {
		if s == roomcastclient.StateOpen {
			offer(opened, struct{}{})
		}
	}
	o.OnMessage = func(m roomcastclient.Message) {
		switch {
		case m.Seq != next:
			offer(ended, fmt.Errorf("got seq %d, want %d", m.Seq, next))
		case m.Seq == since.Seq+int64(r.Missed):
			offer(ended, nil)
		}
		next++
	}
	return o, opened, ended
}

// offer puts a value into a channel that has room for it.
func offer[T any](to chan<- T, value T) {
	select {
	case to <- value:
	default:
	}
}
