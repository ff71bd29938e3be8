package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench"
)

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
	cmd := &cobra.Command{Use: "chat", Short: "Many users, one message each: is each delivered once, and how fast", Long: benchChatHelp}
	flags.Register(cmd)
	cmd.Flags().StringVar(&load.URL, "url", "", "measure the stack at this WebSocket `URL` instead of starting one")
	cmd.Flags().IntVar(&load.Users, "users", 1000, "connections, a user each")
	cmd.Flags().IntVar(&load.RoomSize, "room-size", 10, "members of each room")
	cmd.Flags().Float64Var(&load.Rate, "rate", 100, "messages a second, over all users")
	cmd.Flags().IntVar(&load.WarmUp, "warm-up", 100, "messages sent first that do not count, except the first one: the cold start")
	cmd.Flags().DurationVar(&load.Hold, "hold", 2*time.Second, "how long the connections are idle first")
	cmd.Flags().DurationVar(&load.Timeout, "timeout", 10*time.Second, "how long to wait for the last deliveries")
	cmd.MarkFlagsMutuallyExclusive("url", "assembly")
	cmd.MarkFlagsMutuallyExclusive("url", "app")
	run := func(ctx context.Context, out cli.Console) (result bench.ChatResult, err error) {
		if load.URL != "" {
			return load.Run(ctx)
		}
		r, err := startBench(ctx, forLoad(flags), out)
		if err != nil {
			return result, err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		load.URL = r.APIs()[0].WebSocketURL
		return load.Run(ctx)
	}
	return measurement[bench.ChatResult]{cmd, run, printChat}.command()
}

func printChat(w io.Writer, r bench.ChatResult) {
	fmt.Fprintf(w, "%d users in rooms of %d connected in %.1f s; %d messages at %.0f a second in %.1f s\n",
		r.Users, r.RoomSize, r.ConnectSeconds, r.Sent, r.Rate, r.SendSeconds)
	fmt.Fprintf(w, "cold start  %.1f ms to the first ack\n", r.ColdStart)
	fmt.Fprintf(w, "deliveries  %d of %d, %d missing, %d doubled, %d errors\n", r.Delivered, r.Expected, r.Missing, r.Duplicates, r.Errors)
	fmt.Fprintf(w, "delivery    p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", r.Delivery.P50, r.Delivery.P99, r.Delivery.Max)
	fmt.Fprintf(w, "ack         p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", r.Ack.P50, r.Ack.P99, r.Ack.Max)
	if u := r.UnitsPerMessage; u != nil {
		fmt.Fprintf(w, "tables      %.2f write units and %.2f read units a message\n", u.Write, u.Read)
	}
}
