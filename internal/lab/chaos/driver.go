package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
	clockskew "github.com/roomcast/roomcast/internal/local/skew"
	"github.com/roomcast/roomcast/internal/redrive"
)

// restTimeout is how long a run waits, without faults, until nothing is in
// progress. A job that has failed often comes back after up to 40 s.
const restTimeout = 3 * time.Minute

// Target is the stack that a run attacks.
type Target struct {
	// URL is the URL of the WebSocket API's stage.
	URL string
	// Injector injects the faults. The run adds its rules, and removes them.
	Injector *faults.Injector
	// Watch observes the stack's gateway.
	Watch *Watch
	// Mint signs the tokens of the users; nil if the stack is open.
	Mint Mint
	// Sweep calls the function that closes the connections whose token has
	// ended, and waits until that is done. It is nil if the stack is open.
	Sweep func(context.Context) error
	// Limits are the limits of the stack.
	Limits Limits
	// Functions are the labels of the stack's functions.
	Functions []string
	// Store reads the stack's data.
	Store *Store
	// Redriver redrives the stack's dead letters.
	Redriver *redrive.Redriver
}

// run is a run in progress.
type run struct {
	schedule     Schedule
	target       Target
	progress     io.Writer
	devices      []*device
	acknowledger *acknowledger
	began        time.Time
	answers      sync.WaitGroup // requests without an answer

	mu       sync.Mutex
	history  History
	observed map[string]int
	struck   map[string]int // the faults that no rule injects, by kind
	entered  *joinAnswers
	inForce  []*faults.Injection
	clocks   bool // whether the functions' clocks are wrong
	guests   []*raw
	over     bool // no more faults
	closing  bool // requests are answered because the clients close
	err      error
}

// Result is the result of a run.
type Result struct {
	History  *History
	Observed map[string]int
	// Quotas are the least numbers of faults and events.
	Quotas []Quota
	// Unfinished is what was still in progress at the end, "" if nothing was.
	Unfinished string
}

// Run carries out a schedule and returns what was observed. It writes what it is
// doing to progress. An error means that the run could not be carried out.
func Run(ctx context.Context, s Schedule, target Target, progress io.Writer) (*Result, error) {
	r := &run{schedule: s, target: target, progress: progress, acknowledger: newAcknowledger(), observed: map[string]int{}, struck: map[string]int{}, entered: &joinAnswers{gaps: target.Store.gaps}}
	target.Watch.look(r.entered)
	for _, p := range s.Plans {
		d := newDevice(r, p)
		r.devices = append(r.devices, d)
		r.acknowledger.add(d)
	}
	if err := target.Store.hasten(ctx); err != nil {
		return nil, err
	}
	r.note("%d devices of %d users join %d rooms", len(r.devices), len(r.acknowledger.devices), len(s.Rooms))
	watching, endWatch := context.WithCancel(ctx)
	defer endWatch()
	var watchers sync.WaitGroup
	watchers.Go(func() { r.watchQueue(watching) })
	if !s.OnlyJoins {
		r.setClocks()
	}
	r.everybody(func(d *device) { d.comeBack(ctx, true) })
	if err := r.storm(ctx); err != nil {
		return nil, err
	}
	calm := time.Now()
	r.lastSweep(ctx)
	var reading sync.WaitGroup
	var listed []string
	answered := true
	if !s.OnlyJoins {
		reading.Go(func() { listed, answered = r.awaitQuiet(ctx) })
	}
	unfinished := r.awaitRest(ctx)
	if unfinished == "" {
		r.sendInEveryRoom(ctx)
		unfinished = r.awaitRest(ctx)
	}
	endWatch()
	watchers.Wait()
	reading.Wait()
	if !answered && unfinished == "" {
		unfinished = "nobody could read who is in the quiet room"
	}
	r.note("nothing in progress after %.0f s", time.Since(calm).Seconds())
	result := &Result{History: &r.history, Observed: r.observed, Unfinished: unfinished}
	if err := errors.Join(r.err, ctx.Err()); err != nil {
		return nil, err
	}
	if err := r.collect(ctx); err != nil {
		return nil, err
	}
	r.history.Expected[quiet], r.history.Present[quiet] = nil, listed
	result.Quotas = r.quotas(1)
	r.mu.Lock()
	r.closing = true
	r.mu.Unlock()
	r.everybody(func(d *device) { _ = d.current().Close() })
	return result, nil
}

// storm runs the schedule while the faults are in force.
func (r *run) storm(ctx context.Context) error {
	for _, rule := range r.schedule.slowPuts(r.target.Store.MessageTable) {
		r.add(rule)
	}
	if !r.schedule.OnlyJoins {
		for _, rule := range r.schedule.Rules(r.target.Functions) {
			r.add(rule)
		}
	}
	r.began = time.Now()
	var watching sync.WaitGroup
	defer watching.Wait()
	reading, endReading := context.WithCancel(ctx)
	defer endReading()
	for user := range r.acknowledger.devices {
		go r.acknowledger.work(reading, user)
	}
	watching.Go(func() { r.watchLargeRoom(reading) })
	if !r.schedule.OnlyJoins {
		watching.Go(func() { r.redriveAgain(reading) })
	}
	storming, endStorm := context.WithDeadline(ctx, r.began.Add(r.schedule.Length))
	defer endStorm()
	var acting sync.WaitGroup
	for _, d := range r.devices {
		acting.Go(func() { d.act(ctx) })
		acting.Go(func() { d.disturb(ctx) })
	}
	acting.Go(func() { r.sendDuplicates(ctx) })
	acting.Go(func() { r.keepBusy(ctx) })
	if !r.schedule.OnlyJoins {
		acting.Go(func() { r.visit(ctx, storming) })
	}
	r.pace(storming)
	r.calm()
	r.note("%.0f s are over: no more faults, every client comes back", r.schedule.Length.Seconds())
	acting.Wait()
	r.pauseUntil(ctx, restTimeout, r.acknowledger.isEmpty)
	return r.err
}

// setClocks gives the process of each function a wrong clock, on systems where
// that is possible.
func (r *run) setClocks() {
	if err := clockskew.Supported(); err != nil {
		r.note("clocks are right on this system: %v", err)
		return
	}
	r.clocks = true
	r.add(r.schedule.clocks())
}

// add puts a rule in force until the storm is over.
func (r *run) add(rule faults.Rule) { r.inForceBy(r.target.Injector.Add, rule) }

// addFirst is add for a rule that applies before all others. It returns nil if
// the storm is over.
func (r *run) addFirst(rule faults.Rule) *faults.Injection {
	return r.inForceBy(r.target.Injector.AddFirst, rule)
}

func (r *run) inForceBy(add func(faults.Rule) (*faults.Injection, error), rule faults.Rule) *faults.Injection {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return nil
	}
	injection, err := add(rule)
	if err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("fault %s: %w", rule.Name, err))
		return nil
	}
	r.inForce = append(r.inForce, injection)
	return injection
}

// calm ends the storm.
func (r *run) calm() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	for _, injection := range r.inForce {
		injection.Remove()
	}
}

// everybody calls a function for all devices at the same time.
func (r *run) everybody(do func(*device)) {
	var all sync.WaitGroup
	for _, d := range r.devices {
		all.Go(func() { do(d) })
	}
	all.Wait()
}

// until waits for a time of the schedule. It returns false if the run is
// abandoned.
func (r *run) until(ctx context.Context, at time.Duration) bool {
	return faults.Sleep(ctx, time.Until(r.began.Add(at))) && ctx.Err() == nil
}

func (r *run) pause(ctx context.Context, d time.Duration) { faults.Sleep(ctx, d) }

// pauseUntil waits until a condition holds, at most for so long.
func (r *run) pauseUntil(ctx context.Context, most time.Duration, holds func() bool) {
	for end := time.Now().Add(most); !holds() && time.Now().Before(end); {
		if !faults.Sleep(ctx, 50*time.Millisecond) {
			return
		}
	}
}

func (r *run) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.progress, "· "+format+"\n", args...)
}

// fail ends the run with an error of the run itself, not of the stack.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = errors.Join(r.err, err)
}
