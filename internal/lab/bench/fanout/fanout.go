package fanout

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/retry"
)

// Fanout is a workload: rooms of some sizes, one after the other, and messages
// to them, one at a time.
type Fanout struct {
	// Stack is where the rooms are.
	Stack Stack
	// Members are the sizes. Each has to be a multiple of RoomSize.
	Members []int
	// RoomSize is the number of members of each room; 0 for one room with all
	// of them.
	RoomSize int
	// ShardSize is about how many members the stack puts in a shard.
	ShardSize int
	// Messages is how many are measured, WarmUp how many go before.
	Messages, WarmUp int
	// Bytes is the size of each message's text.
	Bytes int
	// Timeout is how long to wait for the last delivery of a message.
	Timeout time.Duration

	// Counting is the counting server that the stack posts to, nil when the
	// members are really connected.
	Counting *Counting
	// Latency is how long it takes for a post.
	Latency time.Duration
	// Posting starts a process that runs [Post].
	Posting func(context.Context) *exec.Cmd
	// Concurrency is with how many posts in flight the clients are compared;
	// 0 for as many as the stack had.
	Concurrency int
	// Progress reports, in a sentence, what takes long.
	Progress func(format string, args ...any)
}

// maxSockets is how many members may really be connected: their clients and
// the gateway share the processors with what is measured.
const maxSockets = 5000

// Check returns what is wrong with a workload before anything is started.
func (f Fanout) Check(sockets bool) error {
	if len(f.Members) == 0 || f.Messages < 1 || f.Bytes < 1 || f.ShardSize < 1 || f.WarmUp < 0 || f.Concurrency < 0 || f.RoomSize < 0 || f.Latency < 0 {
		return errors.New("bench fanout: members, messages, bytes and shard size have to be at least 1, and nothing may be negative")
	}
	files, err := openFiles()
	if err != nil {
		return err
	}
	for _, n := range f.Members {
		size := f.roomSize(n)
		switch {
		case size < 2:
			return fmt.Errorf("bench fanout: a room of %d has only the sender: choose 2 members or more", size)
		case n%size != 0:
			return fmt.Errorf("bench fanout: %d members do not fill rooms of %d: choose a multiple of the room size", n, size)
		case sockets && n > maxSockets:
			return fmt.Errorf("bench fanout: %d members with sockets are more than the %d that one machine serves besides the stack: leave --sockets out, a counting server stands in for them", n, maxSockets)
		case sockets && uint64(2*n+1000) > files:
			return fmt.Errorf("bench fanout: %d members with sockets need some %d open files and %d are allowed: raise the limit with ulimit -n, or choose fewer", n, 2*n+1000, files)
		}
	}
	return nil
}

func (f Fanout) roomSize(members int) int {
	if f.RoomSize == 0 {
		return members
	}
	return f.RoomSize
}

// Run measures. It returns an error when the workload could not be driven;
// deliveries that are lost are figures in the result.
func (f Fanout) Run(ctx context.Context) (Result, error) {
	if err := f.Check(f.Counting == nil); err != nil {
		return Result{}, err
	}
	if f.Counting != nil {
		if err := f.Counting.join(f.Stack); err != nil {
			return Result{}, err
		}
	}
	result := Result{CPUs: runtime.NumCPU(), PostLatency: milliseconds(f.Latency), Sockets: f.Counting == nil, MessageBytes: f.Bytes}
	for _, n := range f.Members {
		size, err := f.measure(ctx, n)
		if err != nil {
			return Result{}, err
		}
		result.Sizes = append(result.Sizes, size)
	}
	return result, nil
}

// join puts the counting server in front of the stack's gateway.
func (c *Counting) join(s Stack) error {
	callback, err := url.Parse(s.CallbackURL)
	if err != nil {
		return fmt.Errorf("bench fanout: %w", err)
	}
	return c.hand(callback.Host)
}

// measure makes the rooms of one size and measures the messages to them. The
// clients take turns with the messages, so that what else happens on the
// machine meets all of them.
func (f Fanout) measure(ctx context.Context, members int) (_ Size, err error) {
	f.Progress("making a room of %d members", members)
	a, err := f.newAudience(ctx, members)
	if err != nil {
		return Size{}, err
	}
	defer a.close()
	var c *comparison
	if f.Counting != nil {
		if c, err = f.newComparison(ctx, a.others); err != nil {
			return Size{}, err
		}
		defer func() { err = errors.Join(err, c.close()) }()
	}
	text := strings.Repeat("m", f.Bytes)
	for range f.WarmUp {
		if _, err := a.message(ctx, text); err != nil {
			return Size{}, err
		}
	}
	f.Progress("sending %d messages to them", f.Messages)
	var m measurements
	for range f.Messages {
		before, used := f.Stack.cost(), functionsOf(os.Getpid())
		d, err := a.message(ctx, text)
		if err != nil {
			return Size{}, err
		}
		if err := retry.Sleep(ctx, callsEnd); err != nil {
			return Size{}, err
		}
		m.add(d, f.Stack.cost(), before, since(functionsOf(os.Getpid()), used))
		if c != nil {
			if err := c.round(m.mostInAir); err != nil {
				return Size{}, err
			}
		}
	}
	size := m.size(members, members/f.roomSize(members), layoutOf(f.roomSize(members), f.ShardSize).Shards)
	if c != nil {
		size.Posts = c.posts(size.Wall)
	}
	return size, nil
}

// callsEnd is how long functions get after the last delivery to end their calls,
// before what they used is read.
const callsEnd = 200 * time.Millisecond
