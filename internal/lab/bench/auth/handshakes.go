package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/lab/bench/member"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/retry"
)

// Handshakes are the handshakes at each stack.
type Handshakes struct {
	Each   int       `json:"each"`
	Open   Handshake `json:"open"`
	Secret Handshake `json:"secret"`
	Keys   Handshake `json:"keys"`
}

// Handshake summarises the handshakes at one stack.
type Handshake struct {
	// Function is the time in warm functions: the authorizer's and that of
	// $connect. Authorizer is the former alone.
	Function   bench.Latency `json:"functionMs"`
	Authorizer bench.Latency `json:"authorizerMs"`
	// Wall is the time until the client is connected.
	Wall bench.Latency `json:"wallMs"`
	// Units are what the functions took of the tables, on average.
	Units bench.Units `json:"units"`
	// Added is the median, over all turns, of the function time more than at
	// the open stack in the same turn; Ratio is the median of the function time
	// over that of the open stack.
	Added float64 `json:"addedMs"`
	Ratio float64 `json:"ratio"`
}

// handshaking collects a stack's handshakes.
type handshaking struct {
	stack                      Stack
	name                       string
	function, authorizer, wall []time.Duration
	write, read                float64
}

func (d Bench) handshakes(ctx context.Context) (Handshakes, error) {
	all := []*handshaking{{stack: d.Open, name: "open"}, {stack: d.Secret, name: "secret"}, {stack: d.Keys, name: "keys"}}
	for turn := range d.WarmUp + d.Handshakes {
		if turn == d.WarmUp {
			for _, h := range all {
				*h = handshaking{stack: h.stack, name: h.name}
			}
		}
		for _, h := range all {
			if err := h.once(ctx, fmt.Sprintf("%s-%d", h.name, turn)); err != nil {
				return Handshakes{}, err
			}
		}
	}
	open := all[0]
	return Handshakes{Each: d.Handshakes, Open: open.result(open), Secret: all[1].result(open), Keys: all[2].result(open)}, nil
}

// once makes a handshake, and ends its connection: the next one must not be
// measured during $disconnect.
func (h *handshaking) once(ctx context.Context, userID string) error {
	session, authorizer := h.stack.usedBy(Session), h.stack.usedBy(Authorizer)
	query, err := h.stack.query(userID, "", permission.Rules{}) // signing is not the stack's
	if err != nil {
		return err
	}
	began := time.Now()
	conn, err := member.Dial(ctx, h.stack.URL, query)
	if err != nil {
		return err
	}
	h.wall = append(h.wall, time.Since(began))
	asked := h.stack.usedBy(Authorizer).since(authorizer)
	answered := h.stack.usedBy(Session).since(session)
	h.authorizer = append(h.authorizer, milliseconds(asked.duration))
	h.function = append(h.function, milliseconds(asked.duration+answered.duration))
	h.write += asked.write + answered.write
	h.read += asked.read + answered.read
	_ = conn.CloseNow() // of no interest any more
	return until(ctx, "$disconnect runs", func() bool { return h.stack.usedBy(Session).requests > session.requests+1 })
}

// result summarises the handshakes, compared with the open stack's.
func (h *handshaking) result(open *handshaking) Handshake {
	n := float64(len(h.function))
	r := Handshake{
		Function: bench.LatencyOf(h.function), Authorizer: bench.LatencyOf(h.authorizer), Wall: bench.LatencyOf(h.wall),
		Units: bench.Units{Write: round(h.write / n), Read: round(h.read / n)},
	}
	added := make([]time.Duration, len(h.function))
	for turn := range h.function {
		added[turn] = h.function[turn] - open.function[turn]
	}
	r.Added = bench.LatencyOf(added).P50
	r.Ratio = ratio(r.Function.P50, bench.LatencyOf(open.function).P50)
	return r
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// until waits for something that is about to be so.
func until(ctx context.Context, what string, so func() bool) error {
	for end := time.Now().Add(30 * time.Second); !so(); {
		if time.Now().After(end) {
			return fmt.Errorf("bench auth: waited 30 s until %s", what)
		}
		if err := retry.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
