package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/childproc"
	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
)

const benchFanoutHelp = `Makes a room of --members, sends --messages to it one at a time, and measures
the time from each send to the last delivery, what the functions' processes
need for it, and what AWS would bill. Several sizes are measured one after the
other: --members 10,100,1000.

A counting server on this machine stands in for the members: a process that
answers every post after --post-latency and counts. Posts to real connections
go through it to the local gateway. In the same run, between the messages, the
same posts are made to it by a raw client (the floor), by Roomcast's poster
alone and by the SDK's client, tuned and as it comes.

With --sockets the members are really connected, and there is no comparison.
With --noisy-neighbour a room of 10 chats over real connections, with and
without broadcasts to a room of --members.

It runs the app of ./cdk.json for that time, without authentication, its limits
and API Gateway's limit of requests a second; an --assembly has to be open. A
lost or doubled delivery makes the command fail.`

// fanoutFlags are the flags of bench fanout.
type fanoutFlags struct {
	stack     cli.StackFlags
	load      fanout.Fanout
	sockets   bool
	neighbour bool
	phase     time.Duration
}

func benchFanoutCommand() *cobra.Command {
	var flags fanoutFlags
	cmd := &cobra.Command{Use: "fanout", Short: "One message to a large room: how fast it reaches every member, at what cost", Long: benchFanoutHelp}
	flags.stack.Register(cmd)
	cmd.Flags().IntSliceVar(&flags.load.Members, "members", []int{1000}, "`numbers` of members, measured one after another")
	cmd.Flags().IntVar(&flags.load.RoomSize, "room-size", 0, "members of each room, which all get a message at the same time; 0 puts all members into one")
	cmd.Flags().IntVar(&flags.load.ShardSize, "shard-size", 500, "members of each shard of a seeded room; the app's ShardSize")
	cmd.Flags().IntVar(&flags.load.Messages, "messages", 5, "messages to measure with each size")
	cmd.Flags().IntVar(&flags.load.WarmUp, "warm-up", 3, "messages that come first and do not count")
	cmd.Flags().IntVar(&flags.load.Bytes, "bytes", 100, "size of a message's text")
	cmd.Flags().DurationVar(&flags.load.Latency, "post-latency", 5*time.Millisecond, "how long the counting server takes for a post")
	cmd.Flags().IntVar(&flags.load.Concurrency, "concurrency", 0, "concurrent posts when clients are compared; 0 takes the most that the stack had")
	cmd.Flags().DurationVar(&flags.load.Timeout, "timeout", 30*time.Second, "how long to wait for a message's last delivery")
	cmd.Flags().BoolVar(&flags.sockets, "sockets", false, "connect the members, instead of a counting server in their place")
	cmd.Flags().BoolVar(&flags.neighbour, "noisy-neighbour", false, "measure a small room with and without broadcasts to a large one")
	cmd.Flags().DurationVar(&flags.phase, "phase", 10*time.Second, "with --noisy-neighbour: how long the small room chats, three times without and three times with broadcasts")
	cmd.MarkFlagsMutuallyExclusive("sockets", "noisy-neighbour")
	cmd.AddCommand(countingCommand(), postingCommand())
	return measurement[fanoutResult]{cmd, flags.run, printFanoutResult}.command()
}

// fanoutResult is the result of bench fanout: one of the two.
type fanoutResult struct {
	*fanout.Result
	*fanout.NeighbourResult
}

// Err returns the error of the result that there is.
func (r fanoutResult) Err() error {
	if r.NeighbourResult != nil {
		return r.NeighbourResult.Err()
	}
	return r.Result.Err()
}

func printFanoutResult(w io.Writer, r fanoutResult) {
	if r.NeighbourResult != nil {
		printNeighbour(w, *r.NeighbourResult)
		return
	}
	printFanout(w, *r.Result)
}

// run starts the counting server, the stack in front of it, and the workload.
func (f *fanoutFlags) run(ctx context.Context, out cli.Console) (result fanoutResult, err error) {
	if err := f.load.Check(f.sockets); err != nil {
		return result, err
	}
	if f.neighbour && len(f.load.Members) != 1 {
		return result, fmt.Errorf("invalid --members %v: expected one large room with --noisy-neighbour; give one number", f.load.Members)
	}
	f.load.Posting = func(ctx context.Context) *exec.Cmd { return ownProcess(ctx, "bench", "fanout", postingName) }
	f.load.Progress = out.Say
	if !f.sockets {
		server := ownProcess(ctx, "bench", "fanout", countingName, "--post-latency", f.load.Latency.String())
		if f.neighbour {
			childproc.LowerPriority(server) // it does not exist on AWS, so the small room must not wait for it
		}
		if f.load.Counting, err = fanout.StartCounting(server); err != nil {
			return result, err
		}
		defer func() { err = errors.Join(err, f.load.Counting.Stop()) }()
	}
	var except []string
	if f.neighbour {
		// The small room's posts go straight to its connections: the counting
		// server stands in for the members of the large one.
		except = []string{"messages"}
	}
	f.stack.LowerPriority = f.neighbour // alone, the fan-out delays nobody
	r, err := startMeasured(ctx, f.stack, out, f.load.Counting, except...)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if f.load.Stack, err = fanoutStack(r); err != nil {
		return result, err
	}
	if f.neighbour {
		found, err := fanout.Neighbour{Fanout: f.load, Large: f.load.Members[0], Small: 10, Rate: 20, Phase: f.phase, Phases: 3}.Run(ctx)
		return fanoutResult{NeighbourResult: &found}, err
	}
	found, err := f.load.Run(ctx)
	return fanoutResult{Result: &found}, err
}

// The hidden commands that bench fanout runs itself as.
const (
	countingName = "counting-server"
	postingName  = "posting-client"
)

func countingCommand() *cobra.Command {
	var latency time.Duration
	cmd := &cobra.Command{
		Use: countingName, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fanout.Serve(cmd.Context(), latency, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().DurationVar(&latency, "post-latency", 0, "how long a post takes")
	return cmd
}

func postingCommand() *cobra.Command {
	return &cobra.Command{
		Use: postingName, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fanout.Post(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

// ownProcess is this very program with other arguments.
func ownProcess(ctx context.Context, args ...string) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	return cmd
}
