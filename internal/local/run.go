package local

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/queues"
)

// startFunctions makes the functions callable. Their processes start with the
// first invocations.
func (c *Cloud) startFunctions() error {
	c.functions = map[*function]*functions.Function{}
	for _, f := range c.plan.functions {
		made, err := functions.New(functions.Config{
			Name:           f.name,
			Dir:            f.folder,
			Handler:        f.handler,
			Env:            f.environ(c.urls),
			MemoryMB:       f.memory,
			Timeout:        f.timeout,
			MaxConcurrency: f.reserved,
			Region:         region,
			AccountID:      account,
			Endpoint:       c.frontDoor.Endpoint(),
			Logs:           func(_, line string) { c.options.Logs(f.label, line) },
		})
		if err != nil {
			return fmt.Errorf("function %s: %w", f.label, err)
		}
		c.functions[f] = made
		c.callers.Store(made.Credentials().AccessKeyID, f.label)
	}
	return nil
}

// startSources lets the queues feed their functions.
func (c *Cloud) startSources() error {
	client := c.sqs()
	for _, s := range c.plan.sources {
		if !s.properties.Enabled {
			continue
		}
		started, err := queues.Start(queues.Config{
			URL:                     c.urls.localize(s.queue.url),
			ARN:                     s.queue.arn(),
			Region:                  region,
			BatchSize:               int(s.properties.BatchSize),
			ReportBatchItemFailures: s.reportsFailures(),
			MaximumConcurrency:      int(s.properties.ScalingConfig.MaximumConcurrency),
			Logger:                  newLogger(s.function.label, c.options.Logs),
		}, client, target{c.functions[s.function]})
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
		return nil, fmt.Errorf("function %s failed: %s", t.function.Name(), result.Payload)
	}
	return result.Payload, nil
}
