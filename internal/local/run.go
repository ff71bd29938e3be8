package local

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/queues"
	"github.com/roomcast/roomcast/internal/npm"
)

// startFunctions makes the functions callable. Their processes start with the
// first invocations.
func (c *Cloud) startFunctions(ctx context.Context) (err error) {
	if c.plan.usesNode() {
		if c.node, err = npm.FindNode(ctx); err != nil {
			return fmt.Errorf("find what runs the functions: %w", err)
		}
	}
	c.functions = map[*function]*functions.Function{}
	awaited := c.plan.awaited()
	for _, f := range c.plan.functions {
		folder, err := c.code(f)
		if err != nil {
			return fmt.Errorf("function %s: %w", f.label, err)
		}
		made, err := functions.New(functions.Config{
			Name:        f.name,
			Label:       f.label,
			Dir:         folder,
			Runtime:     f.runtime,
			Node:        c.node,
			Handler:     f.handler,
			Env:         c.environ(f),
			MemoryMB:    f.memory,
			Timeout:     f.timeout,
			Reserved:    f.reserved,
			LowPriority: c.options.LowerPriority && !awaited[f],
			Region:      region,
			AccountID:   account,
			Endpoint:    c.endpoint.URL(),
			Logging:     c.logging(f),
			Logs:        func(_, line string) { c.options.Logs(f.label, line) },
			Faults:      c.options.Faults,
			Meter:       c.meter,
		})
		if err != nil {
			return fmt.Errorf("function %s: %w", f.label, err)
		}
		c.functions[f] = made
		c.admit(f, made.Credentials())
	}
	return nil
}

// startSources lets the queues feed their functions.
func (c *Cloud) startSources() error {
	for _, s := range c.plan.sources {
		if !s.properties.Enabled {
			continue
		}
		started, err := queues.Start(queues.Config{
			URL:                     c.urls.localize(s.queue.url),
			ARN:                     s.queue.arn(),
			Region:                  region,
			Function:                s.function.label,
			BatchSize:               int(s.properties.BatchSize),
			Window:                  time.Duration(s.properties.MaximumBatchingWindowInSeconds) * time.Second,
			VisibilityTimeout:       s.queue.visibility(),
			Faults:                  c.options.Faults,
			ReportBatchItemFailures: s.reportsFailures(),
			MaximumConcurrency:      s.concurrency(),
			Logger:                  newLogger(s.function.label, c.options.Logs),
		}, c.sqsOf(c.functions[s.function]), target{c.functions[s.function]})
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		c.sources = append(c.sources, started)
	}
	return nil
}

// target is a function that an API or a queue calls.
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
