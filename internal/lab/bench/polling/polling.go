package polling

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// Polling is a workload: each user gets one update a minute, made by a service
// beside them, first by a push through a stack, then by polling.
type Polling struct {
	// URL is where the WebSocket clients connect.
	URL string
	// Publish sends a message to a room of the stack.
	Publish func(ctx context.Context, room, text string) error
	// Usage returns what the stack was used for so far.
	Usage func() usage.Snapshot
	// Endpoint starts a process that runs [Serve].
	Endpoint func(context.Context) *exec.Cmd

	// Progress reports, in a sentence, what takes long.
	Progress func(format string, args ...any)

	// Users is how many there are, Bytes the size of an update.
	Users, Bytes int
	// Interval is how often each polls.
	Interval time.Duration
	// Duration is how long updates are made, for each of the two.
	Duration time.Duration
}

// Result is what a Polling run saw.
type Result struct {
	Users    int     `json:"users"`
	Bytes    int     `json:"updateBytes"`
	Interval float64 `json:"pollIntervalSeconds"`
	Seconds  float64 `json:"seconds"`

	WebSocket Side `json:"webSocket"`
	Polling   Side `json:"polling"`
	// FewerRequests is the part of polling's requests that a WebSocket saves,
	// where opening its connection counts as one, and FewerBytes that of the
	// bytes, without those of opening.
	FewerRequests float64 `json:"fewerRequests"`
	FewerBytes    float64 `json:"fewerBytes"`
}

// Side is one of the two.
type Side struct {
	// Connections were opened before, by a request each.
	Connections int `json:"connections"`
	// Requests came from the clients: polls, or frames they sent.
	Requests int64 `json:"requests"`
	// Updates were made, Arrived got to their users.
	Updates int `json:"updates"`
	Arrived int `json:"arrived"`
	// Wire are the bytes of all that, Connecting those of opening before. A
	// poller's first requests open its connection: it has none apart.
	Wire       Bytes `json:"wireBytes"`
	Connecting Bytes `json:"connectingBytes"`
	// BytesPerMinute is the sum of Wire over the time.
	BytesPerMinute float64 `json:"bytesPerMinute"`
	// Latency is the time from an update to its arrival.
	Latency bench.Latency `json:"latencyMs"`
	// PerMonth is what 30 days of it cost on AWS.
	PerMonth Bill `json:"usdPer30Days"`
}

// Check returns what is wrong with a workload before anything is started.
func (p Polling) Check() error {
	if p.Users < 1 || p.Bytes < 1 || p.Interval < 10*time.Millisecond || p.Duration < time.Second {
		return errors.New("bench polling: users and bytes have to be at least 1, the interval 10 ms and the time a second")
	}
	return nil
}

// Err returns an error if updates did not arrive.
func (r Result) Err() error {
	if lost := r.WebSocket.Updates - r.WebSocket.Arrived + r.Polling.Updates - r.Polling.Arrived; lost > 0 {
		return fmt.Errorf("bench polling: %d updates did not arrive", lost)
	}
	return nil
}

// Run measures both. An update that does not arrive is a figure in the result.
func (p Polling) Run(ctx context.Context) (Result, error) {
	if err := p.Check(); err != nil {
		return Result{}, err
	}
	r := Result{Users: p.Users, Bytes: p.Bytes, Interval: p.Interval.Seconds(), Seconds: p.Duration.Seconds()}
	var err error
	p.Progress("pushing for %v", p.Duration)
	if r.WebSocket, err = p.runPush(ctx); err != nil {
		return Result{}, err
	}
	p.Progress("polling for %v", p.Duration)
	if r.Polling, err = p.runPolling(ctx); err != nil {
		return Result{}, err
	}
	r.Polling.PerMonth = pollBill(r.Polling, p.Duration)
	r.FewerRequests = 1 - float64(r.WebSocket.Requests+int64(p.Users))/float64(r.Polling.Requests)
	r.FewerBytes = 1 - r.WebSocket.BytesPerMinute/r.Polling.BytesPerMinute
	return r, nil
}

func (p Polling) updates(deliver func(context.Context, int, string) error) *updates {
	return &updates{users: p.Users, bytes: p.Bytes, deliver: deliver, sentAt: map[string]time.Time{}}
}

// newSide returns the figures of one of the two, over a time.
func newSide(u *updates, users int, requests int64, w Bytes, took time.Duration) Side {
	s := Side{Connections: users, Requests: requests, Wire: w, BytesPerMinute: float64(w.Sum()) / took.Minutes()}
	s.Updates, s.Arrived, s.Latency = u.result()
	return s
}
