package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"
)

// benchConsole tells what a command does, and drops what the functions print.
func benchConsole(cmd *cobra.Command) console {
	return console{progress: cmd.ErrOrStderr(), logs: io.Discard}
}

// startBench starts a stack to measure, which has to have a WebSocket API.
func startBench(ctx context.Context, flags stackFlags, out console) (*running, error) {
	r, err := flags.start(ctx, out, false)
	if err != nil {
		return nil, err
	}
	if len(r.APIs()) == 0 {
		return nil, errors.Join(errors.New("the app has no WebSocket API to measure"), r.close())
	}
	return r, nil
}
