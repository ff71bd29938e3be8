package local

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/plan"
	"github.com/roomcast/roomcast/internal/local/queues"
	"github.com/roomcast/roomcast/internal/npm"
)

// startFunctions creates the functions. Their processes start with the first
// invocations.
func (c *Cloud) startFunctions(ctx context.Context) (err error) {
	if c.plan.UsesNode() {
		if c.node, err = npm.FindNode(ctx); err != nil {
			return fmt.Errorf("find Node for the functions: %w", err)
		}
	}
	c.functions = map[*plan.Function]*functions.Function{}
	awaited := c.plan.Awaited()
	for _, f := range c.plan.Functions {
		folder, err := c.code(f)
		if err != nil {
			return fmt.Errorf("function %s: %w", f.Label, err)
		}
		made, err := functions.New(functions.Config{
			Name:        f.Name,
			Label:       f.Label,
			Dir:         folder,
			Runtime:     f.Runtime,
			Node:        c.node,
			Handler:     f.Handler,
			Env:         c.environ(f),
			MemoryMB:    f.Memory,
			Timeout:     f.Timeout,
			Reserved:    f.Reserved,
			LowPriority: c.options.LowerPriority && !awaited[f],
			Region:      plan.Region,
			AccountID:   plan.Account,
			Endpoint:    c.endpoint.URL(),
			Logging:     c.logging(f),
			Logs:        func(_, line string) { c.options.Logs(f.Label, line) },
			Faults:      c.options.Faults,
			Meter:       c.meter,
		})
		if err != nil {
			return fmt.Errorf("function %s: %w", f.Label, err)
		}
		c.functions[f] = made
		c.admit(f, made.Credentials())
	}
	return nil
}

// startSources starts the pollers that feed functions from queues.
func (c *Cloud) startSources() error {
	for _, s := range c.plan.Sources {
		if !s.Properties.Enabled {
			continue
		}
		started, err := queues.Start(queues.Config{
			URL:                     c.urls.localize(s.Queue.URL),
			ARN:                     s.Queue.ARN(),
			Region:                  plan.Region,
			Function:                s.Function.Label,
			BatchSize:               int(s.Properties.BatchSize),
			Window:                  time.Duration(s.Properties.MaximumBatchingWindowInSeconds) * time.Second,
			VisibilityTimeout:       s.Queue.Visibility(),
			Faults:                  c.options.Faults,
			ReportBatchItemFailures: s.ReportsFailures(),
			MaximumConcurrency:      s.Concurrency(),
			Logger:                  newLogger(s.Function.Label, c.options.Logs),
		}, c.sqsOf(c.functions[s.Function]), target{c.functions[s.Function]})
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		c.sources = append(c.sources, started)
	}
	return nil
}

// target is a function as APIs, queues and schedules call it.
type target struct{ function *functions.Function }

func (t target) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	result, err := t.function.Invoke(ctx, event)
	if err != nil {
		return nil, err
	}
	if result.FunctionError != "" {
		return nil, &gateway.FunctionError{Function: t.function.Name(), Payload: result.Payload}
	}
	return result.Payload, nil
}
