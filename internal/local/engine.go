package local

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// startEngines starts the engines that the plan needs, concurrently.
func (c *Cloud) startEngines(ctx context.Context) error {
	var needed []func(context.Context) (*engines.Engine, error)
	if len(c.plan.Tables) > 0 {
		needed = append(needed, c.startDynamoDB)
	}
	if len(c.plan.Queues) > 0 {
		needed = append(needed, c.startSQS)
	}
	started := make([]*engines.Engine, len(needed))
	var all errgroup.Group
	for i, start := range needed {
		all.Go(func() (err error) {
			started[i], err = start(ctx)
			return err
		})
	}
	err := all.Wait()
	for _, e := range started {
		if e != nil {
			c.engines = append(c.engines, e)
			go c.watch(e)
		}
	}
	return err
}

func (c *Cloud) startDynamoDB(ctx context.Context) (*engines.Engine, error) {
	return engines.StartDynamoDB(ctx, c.options.DynamoDB, c.options.Progress)
}

func (c *Cloud) startSQS(ctx context.Context) (*engines.Engine, error) {
	installed, err := engines.Install(ctx, c.options.Progress)
	if err != nil {
		return nil, err
	}
	return installed.Start(ctx, engines.SQS)
}
