package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/lab/bench/auth"
)

const benchAuthHelp = `Runs the app of ./cdk.json three times beside each other: open, with tokens that
are signed with the stack's secret (HS256), and with those of a provider with
public keys (RS256), for which the bench itself stands in. Then it measures

  the function time of --handshakes at each, turn about;
  the tables' units of --messages, at the open stack without a limit of messages
  and at the one with a secret, and of messages that this one refuses;
  how long deliveries take in a room of --members that sends --rate messages a
  second, in turns of --phase: alone; while somebody sends --flood messages a
  second over one connection to another stack, with which the room shares
  nothing but this machine and the bench's process; and while another user does
  so to another room of its own stack, and what that takes of it.

Limits are the app's own. It takes an app, not an --assembly. A missing
delivery makes the command fail.`

func benchAuthCommand() *cobra.Command {
	var flags cli.StackFlags
	var load auth.Bench
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "door",
		Short: "What tokens and limits cost, and whether a flood slows the others",
		Long:  benchAuthHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx, out := cmd.Context(), benchConsole(cmd)
			if err := load.Check(); err != nil {
				return err
			}
			stacks, err := startAuth(ctx, flags, out)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, stacks.close()) }()
			load.Open, load.Secret, load.Keys, load.Progress = stacks.open, stacks.secret, stacks.keys, out.Say
			result, err := load.Run(ctx)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(result)
			} else {
				printAuth(cmd.OutOrStdout(), result)
			}
			return errors.Join(err, result.Err())
		},
	}
	flags.Register(cmd)
	cmd.Flags().IntVar(&load.Handshakes, "handshakes", 200, "handshakes at each stack")
	cmd.Flags().IntVar(&load.Messages, "messages", 100, "messages at each stack")
	cmd.Flags().IntVar(&load.WarmUp, "warm-up", 20, "handshakes and messages that go before and are not measured")
	cmd.Flags().IntVar(&load.Members, "members", 10, "members of the attacked room")
	cmd.Flags().Float64Var(&load.Rate, "rate", 20, "messages a second in the attacked room")
	cmd.Flags().Float64Var(&load.Flood, "flood", 1000, "messages a second of the attacker")
	cmd.Flags().DurationVar(&load.Phase, "phase", 10*time.Second, "how long the room chats each time, of three times without and three with each of the attackers")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one line of JSON")
	load.Phases = 3
	return cmd
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
	fmt.Fprintf(w, "  beside   p50 %.1f ms, p99 %.1f ms, max %.1f ms: the same attack on another stack of this machine\n", a.Elsewhere.P50, a.Elsewhere.P99, a.Elsewhere.Max)
	fmt.Fprintf(w, "  attacked p50 %.1f ms, p99 %.1f ms, max %.1f ms; %.2f and %.2f times as long as alone, %.2f and %.2f as beside\n",
		a.Loud.P50, a.Loud.P99, a.Loud.Max, a.OverQuiet.P50, a.OverQuiet.P99, a.OverElsewhere.P50, a.OverElsewhere.P99)
	fmt.Fprintf(w, "  attacker %d frames, %d accepted, %d refused\n", a.Sent, a.Accepted, a.Refused)
	f := a.Flood
	fmt.Fprintf(w, "  a second %.0f frames, %.1f accepted; %.1f write units, %.1f read units, %.0f invocations of %.0f ms and %.3f GB-s together, %.0f bytes of logs\n",
		f.Frames, f.Accepted, f.Units.Write, f.Units.Read, f.Invocations, f.Function, f.GBSeconds, f.LogBytes)
}
