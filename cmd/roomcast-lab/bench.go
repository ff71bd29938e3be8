package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench"
)

func benchCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "bench", Short: "Measure a stack that runs on this machine"}
	cmd.AddCommand(benchChatCommand(), benchCurveCommand(), benchAuthCommand(), benchFanoutCommand(), benchGatewayCommand(), benchPollingCommand(), benchRecoveryCommand())
	return cmd
}

const benchChatHelp = `Connects the users, a room for every --room-size of them, warms the stack up by
--warm-up messages in another room, lets the connections sit idle for --hold,
then has every user send one message, --rate of them a second. Counts what
each member got and how long it took.

It runs the app of ./cdk.json for that time, without authentication and limits,
or measures the stack at --url, which has to be open.
A lost or doubled message makes the command fail.`

func benchChatCommand() *cobra.Command {
	var flags cli.StackFlags
	var load bench.Chat
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "chat",
		Short: "Many users, one message each: is each delivered once, and how fast",
		Long:  benchChatHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			if load.URL == "" {
				r, err := startBench(ctx, forLoad(flags), benchConsole(cmd))
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, r.Close()) }()
				load.URL = r.APIs()[0].WebSocketURL
			}
			return runChat(ctx, cmd.OutOrStdout(), load, asJSON)
		},
	}
	flags.Register(cmd)
	cmd.Flags().StringVar(&load.URL, "url", "", "measure the stack at this WebSocket `URL` instead of starting one")
	cmd.Flags().IntVar(&load.Users, "users", 1000, "connections, a user each")
	cmd.Flags().IntVar(&load.RoomSize, "room-size", 10, "members of each room")
	cmd.Flags().Float64Var(&load.Rate, "rate", 100, "messages a second, over all users")
	cmd.Flags().IntVar(&load.WarmUp, "warm-up", 100, "messages sent first that are not counted, but for the first one: the cold start")
	cmd.Flags().DurationVar(&load.Hold, "hold", 2*time.Second, "how long the connections sit idle first")
	cmd.Flags().DurationVar(&load.Timeout, "timeout", 10*time.Second, "how long to wait for the last deliveries")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one line of JSON")
	cmd.MarkFlagsMutuallyExclusive("url", "assembly")
	cmd.MarkFlagsMutuallyExclusive("url", "app")
	return cmd
}

func runChat(ctx context.Context, w io.Writer, load bench.Chat, asJSON bool) error {
	result, err := load.Run(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		if err := json.NewEncoder(w).Encode(result); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(w, "%d users in rooms of %d connected in %.1f s; %d messages at %.0f a second in %.1f s\n",
			result.Users, result.RoomSize, result.ConnectSeconds, result.Sent, result.Rate, result.SendSeconds)
		fmt.Fprintf(w, "cold start  %.1f ms to the first ack\n", result.ColdStart)
		fmt.Fprintf(w, "deliveries  %d of %d, %d missing, %d doubled, %d errors\n",
			result.Delivered, result.Expected, result.Missing, result.Duplicates, result.Errors)
		fmt.Fprintf(w, "delivery    p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", result.Delivery.P50, result.Delivery.P99, result.Delivery.Max)
		fmt.Fprintf(w, "ack         p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", result.Ack.P50, result.Ack.P99, result.Ack.Max)
	}
	if u := result.UnitsPerMessage; u != nil && !asJSON {
		fmt.Fprintf(w, "tables      %.2f write units and %.2f read units a message\n", u.Write, u.Read)
	}
	if result.Missing+result.Duplicates+result.Errors > 0 {
		return fmt.Errorf("bench chat: %d missing, %d doubled, %d errors", result.Missing, result.Duplicates, result.Errors)
	}
	return nil
}
