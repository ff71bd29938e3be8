package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// Schedule is a rule of the running cloud that calls functions from time to
// time.
type Schedule struct {
	// Name is the physical name, LogicalID the one in the template and Label
	// the one by which Describe lists it.
	Name, LogicalID, Label string
	// ARN is that of the rule.
	ARN string
}

// Schedules returns the rules with a schedule, in the order in which the
// templates define them. Those that are disabled are among them.
func (c *Cloud) Schedules() []Schedule {
	var schedules []Schedule
	for _, e := range c.plan.Rules {
		schedules = append(schedules, Schedule{Name: e.Name, LogicalID: e.LogicalID, Label: e.Label, ARN: e.ARN()})
	}
	return schedules
}

// FireSchedule lets a rule call its functions now, beside its schedule, and
// returns when they have answered. What goes wrong with a call is logged and no
// error, as on AWS, where nobody waits for it. It fails if there is no such
// rule, or if it is disabled.
func (c *Cloud) FireSchedule(ctx context.Context, arn string) error {
	i := slices.IndexFunc(c.plan.Rules, func(e *plan.Rule) bool { return e.ARN() == arn })
	if i < 0 {
		return fmt.Errorf("there is no rule %s with a schedule in the app", arn)
	}
	e := c.plan.Rules[i]
	if !e.Enabled {
		return fmt.Errorf("%s is disabled: it never calls anything", e)
	}
	c.fire(ctx, e)
	return nil
}

// fire calls a rule's functions, side by side, and waits for their answers.
func (c *Cloud) fire(ctx context.Context, e *plan.Rule) {
	var calls sync.WaitGroup
	for _, t := range e.Targets {
		calls.Go(func() {
			if _, err := c.callee(e, t.Function).Invoke(ctx, scheduledEvent(t, e, c.urls)); err != nil && ctx.Err() == nil {
				newLogger(e.Label, c.options.Logs).Warn("the scheduled call failed", "function", t.Function.Label, "error", err)
			}
		})
	}
	calls.Wait()
}

// callee is a function that a rule calls, if it may.
func (c *Cloud) callee(e *plan.Rule, f *plan.Function) gateway.Invoker {
	if !c.plan.MayBeInvoked(f, plan.EventBridge, e.ARN()) {
		return denied{plan.EventBridge, f.Label, e.ARN()}
	}
	return target{c.functions[f]}
}

// scheduledEvent is what the function is invoked with: the target's own input, with URLs
// that lead here, or else the scheduled event.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
func scheduledEvent(t plan.ScheduledCall, e *plan.Rule, l *localizer) []byte {
	if t.Input != "" {
		return []byte(l.localize(t.Input))
	}
	event, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          plan.UUID(rand.Text()),
		"detail-type": "Scheduled Event",
		"source":      "aws.events",
		"account":     plan.Account,
		"time":        time.Now().UTC().Format(time.RFC3339),
		"region":      plan.Region,
		"resources":   []string{e.ARN()},
		"detail":      struct{}{},
	})
	if err != nil {
		panic(err) // texts always marshal
	}
	return event
}

// startSchedules lets the enabled rules fire, each for the first time when its
// period has passed.
func (c *Cloud) startSchedules() {
	for _, e := range c.plan.Rules {
		if e.Enabled {
			c.sources = append(c.sources, startClock(e.Period, func(ctx context.Context) { c.fire(ctx, e) }))
		}
	}
}

// clock does something again and again.
type clock struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// startClock calls do each time a period has passed, whether or not the call
// before has ended. The context of the calls ends when the clock is closed.
func startClock(period time.Duration, do func(context.Context)) *clock {
	ctx, cancel := context.WithCancel(context.Background())
	k := &clock{cancel: cancel}
	k.running.Go(func() {
		ticks := time.NewTicker(period)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				k.running.Go(func() { do(ctx) })
			case <-ctx.Done():
				return
			}
		}
	})
	return k
}

// Close stops the clock and returns when the calls that run have ended.
func (k *clock) Close() error {
	k.cancel()
	k.running.Wait()
	return nil
}
