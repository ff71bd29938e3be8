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
	"github.com/roomcast/roomcast/internal/lab/bench/auth"
)

const benchAuthHelp = `Runs the app of ./cdk.json three times at once: open, with tokens that are
signed with the stack's secret (HS256), and with tokens of a provider with
public keys (RS256), which the bench plays itself. It measures

  the function time of --handshakes at each stack, in turns;
  the tables' units of --messages, at the open stack without a limit and at the
  one with a secret, and of messages that the latter refuses;
  the delivery times in a room of --members that sends --rate messages a second,
  in turns of --phase: alone; while a client floods another stack, with which
  the room shares only the machine and the bench's process; and while another
  user floods another room of the same stack, and what that costs the stack.

Limits are the app's own. It needs an app, not an --assembly. A missing
delivery makes the command fail.`

func benchAuthCommand() *cobra.Command {
	var flags cli.StackFlags
	load := auth.Bench{Phases: 3}
	cmd := &cobra.Command{
		Use: "auth", Aliases: []string{"limits"},
		Short: "What tokens and limits cost, and whether a flood slows other users", Long: benchAuthHelp,
	}
	flags.Register(cmd)
	cmd.Flags().IntVar(&load.Handshakes, "handshakes", 200, "handshakes at each stack")
	cmd.Flags().IntVar(&load.Messages, "messages", 100, "messages at each stack")
	cmd.Flags().IntVar(&load.WarmUp, "warm-up", 20, "handshakes and messages that come first and do not count")
	cmd.Flags().IntVar(&load.Members, "members", 10, "members of the attacked room")
	cmd.Flags().Float64Var(&load.Rate, "rate", 20, "messages a second in the attacked room")
	cmd.Flags().Float64Var(&load.Flood, "flood", 1000, "messages a second of the attacker")
	cmd.Flags().DurationVar(&load.Phase, "phase", 10*time.Second, "how long the room chats each time, three times without and three times with each attack")
	run := func(ctx context.Context, out cli.Console) (result auth.Result, err error) {
		if err := load.Check(); err != nil {
			return result, err
		}
		stacks, err := startAuth(ctx, flags, out)
		if err != nil {
			return result, err
		}
		defer func() { err = errors.Join(err, stacks.close()) }()
		load.Open, load.Secret, load.Keys, load.Progress = stacks.open, stacks.secret, stacks.keys, out.Say
		return load.Run(ctx)
	}
	return measurement[auth.Result]{cmd, run, printAuth}.command()
}

// printAuth writes a result for people.
func printAuth(w io.Writer, r auth.Result) {
	fmt.Fprintf(w, "%d CPUs for everything\n\n%d handshakes each\n", r.CPUs, r.Handshakes.Each)
	for _, h := range []struct {
		name string
		auth.Handshake
	}{{"open", r.Handshakes.Open}, {"secret", r.Handshakes.Secret}, {"keys", r.Handshakes.Keys}} {
		fmt.Fprintf(w, "  %-7s functions p50 %.2f ms, p99 %.2f (authorizer %.2f, %.2f): %.2f ms more than open, %.2f times; connected p50 %.1f ms, p99 %.1f; %.1f write units, %.1f read\n",
			h.name, h.Function.P50, h.Function.P99, h.Authorizer.P50, h.Authorizer.P99, h.Added, h.Ratio, h.Wall.P50, h.Wall.P99, h.Units.Write, h.Units.Read)
	}
	m := r.Messages
	fmt.Fprintf(w, "\n%d messages to a room of one\n", m.Sent)
	for _, u := range []struct {
		name string
		bench.Units
	}{
		{"without a limit", m.Open}, {"with the limit", m.Secret}, {"more", m.Added},
		{"one too many", m.TooMany.Units}, {"forbidden", m.Forbidden.Units},
	} {
		fmt.Fprintf(w, "  %-16s %.2f write units, %.2f read units\n", u.name, u.Write, u.Read)
	}
	a := r.Attack
	fmt.Fprintf(w, "\n%d members chat, %.0f messages a second; %d deliveries, %d missing\n", a.Members, a.Rate, a.Deliveries, a.Missing)
	fmt.Fprintf(w, "  alone    p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", a.Quiet.P50, a.Quiet.P99, a.Quiet.Max)
	fmt.Fprintf(w, "  apart    p50 %.1f ms, p99 %.1f ms, max %.1f ms: the same attack on another stack of this machine\n", a.Elsewhere.P50, a.Elsewhere.P99, a.Elsewhere.Max)
	fmt.Fprintf(w, "  attacked p50 %.1f ms, p99 %.1f ms, max %.1f ms; %.2f and %.2f times as long as alone, %.2f and %.2f as apart\n",
		a.Loud.P50, a.Loud.P99, a.Loud.Max, a.OverQuiet.P50, a.OverQuiet.P99, a.OverElsewhere.P50, a.OverElsewhere.P99)
	fmt.Fprintf(w, "  attacker %d frames, %d accepted, %d refused\n", a.Sent, a.Accepted, a.Refused)
	f := a.Flood
	fmt.Fprintf(w, "  a second %.0f frames, %.1f accepted; %.1f write units, %.1f read units, %.0f invocations of %.0f ms and %.3f GB-s together, %.0f bytes of logs\n",
		f.Frames, f.Accepted, f.Units.Write, f.Units.Read, f.Invocations, f.Function, f.GBSeconds, f.LogBytes)
}
