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

// Schedule is a rule that calls functions on a schedule.
type Schedule struct {
	// Name is the physical name, LogicalID the name in the template, and Label the
	// name that Describe lists.
	Name, LogicalID, Label string
	// ARN is the rule's ARN.
	ARN string
}

// Schedules returns the rules with a schedule, in the order of the templates,
// including disabled ones.
func (c *Cloud) Schedules() []Schedule {
	var schedules []Schedule
	for _, e := range c.plan.Rules {
		schedules = append(schedules, Schedule{Name: e.Name, LogicalID: e.LogicalID, Label: e.Label, ARN: e.ARN()})
	}
	return schedules
}

// FireSchedule makes a rule call its functions now and waits for the results.
// Failed calls are logged but not returned, because nothing waits for them on AWS.
// It fails if the rule does not exist or is disabled.
func (c *Cloud) FireSchedule(ctx context.Context, arn string) error {
	i := slices.IndexFunc(c.plan.Rules, func(e *plan.Rule) bool { return e.ARN() == arn })
	if i < 0 {
		return fmt.Errorf("unknown rule %s: expected a rule with a schedule of the app", arn)
	}
	e := c.plan.Rules[i]
	if !e.Enabled {
		return fmt.Errorf("%s is disabled: enable it in the template", e)
	}
	c.fire(ctx, e)
	return nil
}

// fire calls a rule's functions concurrently and waits for the results.
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

// callee returns a function for a rule to call. If the rule lacks the permission,
// every call fails.
func (c *Cloud) callee(e *plan.Rule, f *plan.Function) gateway.Invoker {
	if !c.plan.MayBeInvoked(f, plan.EventBridge, e.ARN()) {
		return denied{plan.EventBridge, f.Label, e.ARN()}
	}
	return target{c.functions[f]}
}

// scheduledEvent returns the event for a function: the target's own input with the
// URLs of this cloud, or the scheduled event.
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
		panic(err) // strings always marshal
	}
	return event
}

// startSchedules starts the enabled rules. Each fires for the first time after its
// period.
func (c *Cloud) startSchedules() {
	for _, e := range c.plan.Rules {
		if e.Enabled {
			c.sources = append(c.sources, startClock(e.Period, func(ctx context.Context) { c.fire(ctx, e) }))
		}
	}
}

// clock calls a function periodically.
type clock struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// startClock calls do after each period, even if the previous call is still
// running. Closing the clock ends the context of the calls.
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

// Close stops the clock and waits for running calls.
func (k *clock) Close() error {
	k.cancel()
	k.running.Wait()
	return nil
}
