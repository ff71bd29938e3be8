package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench"
)

const benchRecoveryHelp = `Fills a room with messages, then has a client come back to it that has missed
them all, and measures the time from its join to the last message and what the
recovery reads from the tables. A message that is missing or out of order
makes the command fail.

It runs the app of ./cdk.json for that time, without authentication and limits.`

func benchRecoveryCommand() *cobra.Command {
	var flags cli.StackFlags
	var load bench.Recovery
	cmd := &cobra.Command{Use: "recovery", Short: "A client that missed messages comes back: how long until it has them", Long: benchRecoveryHelp}
	flags.Register(cmd)
	cmd.Flags().IntVar(&load.Missed, "missed", 1000, "messages that the client has missed")
	cmd.Flags().IntVar(&load.Bytes, "bytes", 100, "bytes of each message's text")
	cmd.Flags().IntVar(&load.Runs, "runs", 10, "how often it comes back")
	run := func(ctx context.Context, out cli.Console) (result bench.RecoveryResult, err error) {
		r, err := startBench(ctx, forLoad(flags), out)
		if err != nil {
			return result, err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		load.URL = r.APIs()[0].WebSocketURL
		return load.Run(ctx)
	}
	return measurement[bench.RecoveryResult]{cmd, run, printRecovery}.command()
}

func printRecovery(w io.Writer, r bench.RecoveryResult) {
	fmt.Fprintf(w, "%d missed messages of %d bytes, recovered %d times\n", r.Missed, r.Bytes, r.Runs)
	fmt.Fprintf(w, "recovery    p50 %.1f ms, max %.1f ms\n", r.Recovery.P50, r.Recovery.Max)
	fmt.Fprintf(w, "tables      %.1f read units and %.1f write units a recovery; %d bytes are stored, which %.1f read units hold\n",
		r.Units.Read, r.Units.Write, r.StoredBytes, r.LeastReadUnits)
}
