package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// busy is the room that sockets join repeatedly without a position, while others
// send to it without a pause and some of the writes are slow. Such a join names a
// seq from which on the client gets everything, so a message that is put below it
// later is silently lost to the client.
const busy = "busy"

const (
	busySenders = 8
	busyJoiners = 16
	// busyStay is how long a joiner stays in the room at most.
	busyStay = 60 * time.Millisecond
	// Every slowPutEvery-th put of the table of messages takes slowPut longer:
	// less than the second that a seq may be without its message.
	slowPutEvery = 12
	slowPut      = 700 * time.Millisecond
	// busyLarge is the size of every second message, so that a page of the log,
	// of 29 KB, holds fewer messages than are sent during a slow put.
	busyLarge = 13 << 10
)

// SlowPuts is the fault that delays writes of the table of messages.
const SlowPuts = "slowPuts"

// Observed counts of the busy room.
const (
	// BusyJoins counts joins without a position, BusySends acknowledged messages.
	BusyJoins = "busyJoins"
	BusySends = "busyAcked"
	// Lost counts acknowledged messages that were put below a seq that a join had
	// named before.
	Lost = "lost"
)

// Window is a part of a run.
type Window struct{ From, Until time.Duration }

// busyWindows returns the windows in which the room is busy: a quarter of the run,
// since slow puts slow down everything.
func busyWindows(random *rand.Rand, length time.Duration) []Window {
	var windows []Window
	for _, at := range beats(random, 40*time.Second, length) {
		windows = append(windows, Window{at, at + min(10*time.Second, length/4)})
	}
	return windows
}

// NewJoinProbe returns the schedule of a run of the busy room only.
func NewJoinProbe(seed uint64, length time.Duration) Schedule {
	return Schedule{Seed: seed, Length: length, Busy: []Window{{0, length}}, OnlyJoins: true}
}

// slowPuts returns the faults of the busy room.
func (s Schedule) slowPuts(table string) []faults.Rule {
	var rules []faults.Rule
	for n, w := range s.Busy {
		rules = append(rules, faults.Rule{
			Name:    fmt.Sprint(SlowPuts, " ", n+1),
			Service: "dynamodb", Operation: "PutItem", Resource: table,
			Every: slowPutEvery, Latency: slowPut, From: w.From, Until: w.Until,
		})
	}
	return rules
}

// joinQuotas returns the quotas of a run of the busy room only: one a second.
func joinQuotas(seconds float64, injected, seen map[string]int) []Quota {
	var quotas []Quota
	for _, q := range []Quota{{Name: BusyJoins, Got: seen[BusyJoins]}, {Name: BusySends, Got: seen[BusySends]}, {Name: SlowPuts, Got: injected[SlowPuts]}} {
		q.Need = int(seconds)
		q.Met = q.Got >= q.Need
		quotas = append(quotas, q)
	}
	return quotas
}

// keepBusy has sockets send to the busy room and others join it, in the windows of
// the schedule.
func (r *run) keepBusy(ctx context.Context) {
	for n, w := range r.schedule.Busy {
		if !r.until(ctx, w.From) {
			return
		}
		until, cancel := context.WithDeadline(ctx, r.began.Add(w.Until))
		var all sync.WaitGroup
		for i := range busySenders {
			all.Go(func() { r.sendWithoutPause(ctx, until, fmt.Sprintf("busy%d.%d", n+1, i+1)) })
		}
		for i := range busyJoiners {
			all.Go(func() { r.joinOverAndOver(ctx, until, fmt.Sprintf("joiner%d.%d", n+1, i+1)) })
		}
		all.Wait()
		cancel()
	}
}

// sendWithoutPause sends one message after another until the window ends. It sends
// an unanswered message again on another socket, with the same clientId.
func (r *run) sendWithoutPause(ctx, window context.Context, user string) {
	var one *socket
	defer func() { one.close() }()
	for n := 1; window.Err() == nil; n++ {
		text := fmt.Sprintf("%s #%d ", user, n)
		if n%2 == 0 {
			text += strings.Repeat("x", busyLarge)
		}
		send := r.sending(&Send{Device: user, User: user, Room: busy, Text: text, Outcome: Open})
		frame := map[string]any{"action": "sendMessage", "roomId": busy, "message": text, "clientId": fmt.Sprint(user, "-", n)}
		for try := 0; try < sendTries; {
			if one == nil {
				one = r.enter(ctx, user)
			}
			if one != nil && one.ask(ctx, frame, "ack") {
				r.receipt(send, one.ack)
				r.count(BusySends, 1)
				break
			}
			if one != nil && one.code == "rate_limited" && window.Err() == nil {
				r.pause(ctx, retryBase)
				continue
			}
			try++
			one.close()
			one = nil
			r.pause(ctx, retryBase)
		}
		r.conclude(send)
	}
}

// joinOverAndOver joins the room and leaves it until the window ends.
func (r *run) joinOverAndOver(ctx, window context.Context, user string) {
	random := r.schedule.random(user)
	var one *socket
	defer func() { one.close() }()
	for window.Err() == nil {
		if one == nil {
			one = r.enter(ctx, user)
		} else if !one.join(ctx, busy) {
			one.close()
			one = nil
		}
		if one == nil {
			r.pause(ctx, retryBase)
			continue
		}
		r.count(BusyJoins, 1)
		r.pause(ctx, between(random, 0, busyStay))
		if !one.ask(ctx, map[string]any{"action": "leave", "roomId": busy}, "left") {
			one.close()
			one = nil
		}
	}
}

// enter connects a user and joins the busy room. It returns nil if that fails.
func (r *run) enter(ctx context.Context, user string) *socket {
	one, err := r.dial(ctx, user, user)
	if err != nil {
		return nil
	}
	if !one.join(ctx, busy) {
		one.close()
		return nil
	}
	return one
}
