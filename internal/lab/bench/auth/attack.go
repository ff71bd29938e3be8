package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/lab/bench/member"
	"github.com/roomcast/roomcast/internal/permission"
)

// Attack is the effect of a flood on a small room, and what the flood cost.
type Attack struct {
	Members int     `json:"members"`
	Rate    float64 `json:"messagesPerSecond"`
	// Quiet and Loud are the times from a send to its arrival at a member, without
	// and with the attacker. Elsewhere are the times with the same attack on another
	// stack, which shares only the machine and this process.
	Quiet     bench.Latency `json:"quietMs"`
	Elsewhere bench.Latency `json:"elsewhereMs"`
	Loud      bench.Latency `json:"loudMs"`
	// OverQuiet and OverElsewhere are Loud over Quiet, and over Elsewhere.
	OverQuiet     Ratio `json:"overQuiet"`
	OverElsewhere Ratio `json:"overElsewhere"`
	// Deliveries counts the deliveries to the room, Missing those that did not come.
	Deliveries int `json:"deliveries"`
	Missing    int `json:"missing"`

	// Sent counts the frames of the attacker, Accepted those with an ack, Refused
	// those with rate_limited.
	Sent     int64 `json:"sent"`
	Accepted int64 `json:"accepted"`
	Refused  int64 `json:"refused"`
	// Flood is the cost of a second of the attack, above that of the room without
	// it.
	Flood Flood `json:"perSecondOfAttack"`
}

// Ratio is the ratio of percentiles.
type Ratio struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

func ratioOf(a, b bench.Latency) Ratio {
	return Ratio{P50: ratio(a.P50, b.P50), P99: ratio(a.P99, b.P99)}
}

// Flood is a second of an attack.
type Flood struct {
	Frames   float64     `json:"frames"`
	Accepted float64     `json:"accepted"`
	Units    bench.Units `json:"units"`
	// Invocations counts function calls, Function is their time in ms.
	Invocations float64 `json:"invocations"`
	Function    float64 `json:"functionMs"`
	GBSeconds   float64 `json:"gbSeconds"`
	LogBytes    float64 `json:"logBytes"`
}

// phases are the phases without an attacker, or with one.
type phases struct {
	took   []time.Duration
	used   used
	length time.Duration
}

func (d Bench) attack(ctx context.Context) (_ Attack, err error) {
	room, err := member.NewChat(ctx, "attacked", d.Members, func(ctx context.Context, n int) (*websocket.Conn, error) {
		return d.Secret.dial(ctx, fmt.Sprintf("victim-%d", n), "attacked", permission.Rules{})
	})
	if err != nil {
		return Attack{}, err
	}
	defer room.Close()
	a, err := newAttacker(ctx, d.Secret)
	if err != nil {
		return Attack{}, err
	}
	defer a.close()
	other, err := newAttacker(ctx, d.Keys)
	if err != nil {
		return Attack{}, err
	}
	defer other.close()
	// The first flood starts sandboxes, which takes both CPUs of a small machine.
	var quiet, elsewhere, loud, warmUp phases
	for _, attacker := range []*attacker{nil, other, a} {
		if err := d.chat(ctx, room, min(d.Phase, 2*time.Second), &warmUp, attacker); err != nil {
			return Attack{}, err
		}
	}
	a.forget()
	for range d.Phases {
		for _, turn := range []struct {
			into     *phases
			attacker *attacker
		}{{&quiet, nil}, {&elsewhere, other}, {&loud, a}} {
			if err := d.chat(ctx, room, d.Phase, turn.into, turn.attacker); err != nil {
				return Attack{}, err
			}
		}
	}
	r := Attack{
		Members: d.Members, Rate: d.Rate, Quiet: bench.LatencyOf(quiet.took), Elsewhere: bench.LatencyOf(elsewhere.took), Loud: bench.LatencyOf(loud.took),
		Deliveries: len(quiet.took) + len(elsewhere.took) + len(loud.took), Missing: room.Missing(),
		Sent: a.sent.Load(), Accepted: a.accepted.Load(), Refused: a.refused.Load(),
	}
	r.OverQuiet, r.OverElsewhere = ratioOf(r.Loud, r.Quiet), ratioOf(r.Loud, r.Elsewhere)
	r.Flood = floodOf(quiet, loud, r.Sent, r.Accepted)
	return r, nil
}

// chat has the room chat for a time, with the attacker unless it is nil.
func (d Bench) chat(ctx context.Context, room *member.Chat, length time.Duration, into *phases, a *attacker) error {
	before, began := d.Secret.usedBy(), time.Now()
	stop := func() error { return nil }
	if a != nil {
		stop = a.start(ctx, d.Flood)
	}
	took, err := room.Phase(ctx, d.Rate, length)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	into.took = append(into.took, took...)
	into.used = into.used.plus(d.Secret.usedBy().since(before))
	into.length += time.Since(began)
	return nil
}

// floodOf returns what the loud phases took more than the quiet ones. Both had
// the same number of messages of the room in them.
func floodOf(quiet, loud phases, sent, accepted int64) Flood {
	seconds := loud.length.Seconds()
	more := loud.used.since(quiet.used)
	return Flood{
		Frames: round(float64(sent) / seconds), Accepted: round(float64(accepted) / seconds),
		Units:       bench.Units{Write: round(more.write / seconds), Read: round(more.read / seconds)},
		Invocations: round(float64(more.requests) / seconds), Function: round(more.duration / seconds),
		GBSeconds: round(more.gbSeconds / seconds), LogBytes: round(float64(more.logBytes) / seconds),
	}
}
