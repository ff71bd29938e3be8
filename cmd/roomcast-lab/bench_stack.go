package main

import (
	"context"
	"errors"
	"io"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/spf13/cobra"
)

// benchConsole reports progress, and drops what the functions print.
func benchConsole(cmd *cobra.Command) cli.Console {
	return cli.Console{Progress: cmd.ErrOrStderr(), Logs: io.Discard}
}

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
