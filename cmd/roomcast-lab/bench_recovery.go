package main

import (
	"encoding/json"
	"errors"
	"fmt"

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
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "recovery",
		Short: "A client that missed messages comes back: how long until it has them",
		Long:  benchRecoveryHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			r, err := startBench(ctx, forLoad(flags), benchConsole(cmd))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.Close()) }()
			load.URL = r.APIs()[0].WebSocketURL
			result, err := load.Run(ctx)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d missed messages of %d bytes, recovered %d times\n", result.Missed, result.Bytes, result.Runs)
			fmt.Fprintf(cmd.OutOrStdout(), "recovery    p50 %.1f ms, max %.1f ms\n", result.Recovery.P50, result.Recovery.Max)
			fmt.Fprintf(cmd.OutOrStdout(), "tables      %.1f read units and %.1f write units a recovery; %d bytes are stored, which %.1f read units hold\n",
				result.Units.Read, result.Units.Write, result.StoredBytes, result.LeastReadUnits)
			return nil
		},
	}
	flags.Register(cmd)
	cmd.Flags().IntVar(&load.Missed, "missed", 1000, "messages that the client has missed")
	cmd.Flags().IntVar(&load.Bytes, "bytes", 100, "bytes of each message's text")
	cmd.Flags().IntVar(&load.Runs, "runs", 10, "how often it comes back")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one line of JSON")
	return cmd
}
