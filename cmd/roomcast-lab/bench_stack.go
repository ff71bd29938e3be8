package main

import (
	"context"
	"errors"

	"github.com/roomcast/roomcast/internal/cli"
)

// startBench starts a stack to measure, which has to have a WebSocket API.
func startBench(ctx context.Context, flags cli.StackFlags, out cli.Console) (*cli.Running, error) {
	r, err := flags.Start(ctx, out)
	if err != nil {
		return nil, err
	}
	if len(r.APIs()) == 0 {
		return nil, errors.Join(errors.New("the app has no WebSocket API to measure"), r.Close())
	}
	return r, nil
}
