package fanout

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/lab/bench/member"
)

// Neighbour is a workload: a small room chats over real connections, with and
// without broadcasts to a large room.
type Neighbour struct {
	Fanout
	// Large and Small are the numbers of members of the two rooms.
	Large, Small int
	// Rate is how many messages a second the small room sends.
	Rate float64
	// Phase is how long it chats each time; Phases is how often it does without and
	// with broadcasts, in turns.
	Phase  time.Duration
	Phases int
}

// NeighbourResult is what a Neighbour run saw.
type NeighbourResult struct {
	Large int     `json:"largeRoomMembers"`
	Small int     `json:"smallRoomMembers"`
	Rate  float64 `json:"messagesPerSecond"`
	// Quiet and Loud are the times from a send to its arrival at a member, without
	// and with broadcasts.
	Quiet bench.Latency `json:"quietMs"`
	Loud  bench.Latency `json:"loudMs"`
	// P50Ratio and P99Ratio are the loud ones over the quiet ones.
	P50Ratio float64 `json:"p50Ratio"`
	P99Ratio float64 `json:"p99Ratio"`
	// Deliveries counts the deliveries to the small room, Missing those that did not
	// come.
	Deliveries int `json:"deliveries"`
	Missing    int `json:"missing"`
	// Broadcasts are the messages to the large room, one after the other, and
	// Broadcast the time from a send to the last delivery of each.
	Broadcasts int   `json:"broadcasts"`
	Broadcast  Times `json:"broadcastMs"`
}

// Run measures.
func (b Neighbour) Run(ctx context.Context) (_ NeighbourResult, err error) {
	if b.Rate <= 0 || b.Small < 2 || b.Large < 2 || b.Phases < 1 || b.Phase <= 0 {
		return NeighbourResult{}, errors.New("bench fanout: invalid --members or --phase: expected 2 members or more, and a phase above 0")
	}
	if err := b.Counting.join(b.Stack); err != nil {
		return NeighbourResult{}, err
	}
	b.Progress("making rooms of %d and %d members", b.Large, b.Small)
	large, err := b.newAudience(ctx, b.Large)
	if err != nil {
		return NeighbourResult{}, err
	}
	defer large.close()
	small, err := b.newChat(ctx)
	if err != nil {
		return NeighbourResult{}, err
	}
	defer small.Close()
	text := strings.Repeat("m", b.Bytes)
	for range max(b.WarmUp, 1) {
		if _, err := large.message(ctx, text); err != nil {
			return NeighbourResult{}, err
		}
	}
	if _, err := small.Phase(ctx, b.Rate, 2*time.Second); err != nil {
		return NeighbourResult{}, err
	}
	var quiet, loud, broadcasts []time.Duration
	for range b.Phases {
		b.Progress("%v without broadcasts, then %v with", b.Phase, b.Phase)
		took, err := small.Phase(ctx, b.Rate, b.Phase)
		if err != nil {
			return NeighbourResult{}, err
		}
		quiet = append(quiet, took...)
		broadcasting, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- large.repeat(broadcasting, text, &broadcasts) }()
		took, err = small.Phase(ctx, b.Rate, b.Phase)
		stop()
		if err := errors.Join(err, <-ended); err != nil {
			return NeighbourResult{}, err
		}
		loud = append(loud, took...)
	}
	r := NeighbourResult{
		Large: b.Large, Small: b.Small, Rate: b.Rate, Quiet: bench.LatencyOf(quiet), Loud: bench.LatencyOf(loud),
		Deliveries: len(quiet) + len(loud), Missing: small.Missing(), Broadcasts: len(broadcasts), Broadcast: timesOf(broadcasts),
	}
	r.P50Ratio, r.P99Ratio = ratio(r.Loud.P50, r.Quiet.P50), ratio(r.Loud.P99, r.Quiet.P99)
	return r, nil
}

// repeat sends messages, one as soon as the one before has reached all, until
// the context ends.
func (a *audience) repeat(ctx context.Context, text string, walls *[]time.Duration) error {
	for ctx.Err() == nil {
		// A message that is begun is finished: what it leaves would disturb
		// the quiet that follows.
		d, err := a.message(context.WithoutCancel(ctx), text)
		if err != nil {
			return err
		}
		if d.missing > 0 {
			return fmt.Errorf("bench fanout: %d of %d members of the large room did not get a message within %v", d.missing, d.members, a.f.Timeout)
		}
		*walls = append(*walls, d.wall)
	}
	return nil
}

func (b Neighbour) newChat(ctx context.Context) (*member.Chat, error) {
	room := "small-" + strconv.FormatInt(rooms.Add(1), 10)
	return member.NewChat(ctx, room, b.Small, func(ctx context.Context, n int) (*websocket.Conn, error) {
		return member.Dial(ctx, b.Stack.URL, member.Open(fmt.Sprintf("chat-%d", n), room))
	})
}

// Err returns an error if a delivery to the small room is missing.
func (r NeighbourResult) Err() error {
	if r.Missing > 0 {
		return fmt.Errorf("bench fanout: %d of %d deliveries to the small room are missing", r.Missing, r.Missing+r.Deliveries)
	}
	return nil
}
