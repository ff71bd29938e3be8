package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/chaos"
	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/redrive"
)

const tortureHelp = `Runs the app of ./cdk.json, which must hold Roomcast's RealtimeStack, with low
limits. Some 40 clients join, leave, send, drop and come back while functions
are killed, services throttled and connections lost. Their tokens end during
the run and are refreshed; --open runs without tokens. Most clients are in one
large room, for which DirectLimit and ShardSize are 10. Then the faults end, the
run waits until nothing is in progress, and checks what each client saw: every
acknowledged message exactly once and in order, permissions, limits, and so on
(docs/explanation/chaos-test.md).

--seed decides who does what and which faults there are. The command fails on a
violation, and also if too little went wrong. --faults adds the faults of a
file.`

func tortureCommand() *cobra.Command {
	var flags cli.StackFlags
	var seconds int
	var save output
	var record, only string
	cmd := &cobra.Command{
		Use:   "torture",
		Short: "Does the stack keep its promises when everything goes wrong?",
		Long:  tortureHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if seconds < 1 {
				return fmt.Errorf("invalid --seconds %d: expected 1 or more", seconds)
			}
			out := cli.Console{Progress: cmd.ErrOrStderr(), Logs: io.Discard}
			if flags.Verbose {
				out.Logs = cmd.ErrOrStderr()
			}
			schedule, err := tortureSchedule(only, flags.Faults.Seed, time.Duration(seconds)*time.Second)
			if err != nil {
				return err
			}
			if only != "" {
				flags = forLoad(flags)
			}
			flags.Environment = schedule.Limits().Environment()
			result, err := runTorture(cmd.Context(), flags, out, schedule)
			if err != nil {
				return err
			}
			if record != "" {
				if err := writeJSON(record, result.History); err != nil {
					return err
				}
			}
			report := chaos.NewReport(schedule, result)
			if err := save.save(cmd, report); err != nil {
				return err
			}
			if save.asJSON {
				report.Write(cmd.ErrOrStderr())
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(report)
			} else {
				report.Write(cmd.OutOrStdout())
			}
			return errors.Join(err, report.Err())
		},
	}
	flags.Register(cmd)
	flags.Context.RegisterOpen(cmd)
	cmd.Flags().Lookup("seed").Usage = "`number` that decides who does what, and which faults there are"
	cmd.Flags().Lookup("verbose").Usage = "show what the app prints during synthesis, and the functions' logs"
	cmd.Flags().IntVar(&seconds, "seconds", 60, "how long faults are injected; the run takes up to some minutes more")
	cmd.Flags().StringVar(&only, "only", "", "run one `part` alone: joins, which joins a room during slow writes and counts lost messages")
	cmd.Flags().StringVar(&record, "record", "", "write the whole record to this `file` as JSON, to investigate a violation")
	save.register(cmd)
	cmd.Flags().Lookup("json").Usage = "print the result as one line of JSON, and the text for people to standard error"
	return cmd
}

// tortureSchedule returns the schedule of a run, or of one part of it.
func tortureSchedule(only string, seed uint64, length time.Duration) (chaos.Schedule, error) {
	switch only {
	case "":
		return chaos.NewSchedule(seed, length), nil
	case "joins":
		return chaos.NewJoinProbe(seed, length), nil
	}
	return chaos.Schedule{}, fmt.Errorf("invalid --only %q: expected joins; leave it out for the whole run", only)
}

func writeJSON(path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// runTorture starts a stack and runs the chaos test on it.
func runTorture(ctx context.Context, flags cli.StackFlags, out cli.Console, schedule chaos.Schedule) (_ *chaos.Result, err error) {
	injector, err := flags.Faults.Injector()
	if err != nil {
		return nil, err
	}
	if injector == nil {
		injector = faults.New(flags.Faults.Seed)
	}
	narrow, remove, err := narrowAssembly(ctx, flags, out)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	flags.Assembly, flags.Context = narrow, cli.ContextFlags{} // it has been synthesized
	watch := chaos.NewWatch()
	flags.Adapt = func(o *local.Options) {
		logs := o.Logs
		o.Faults, o.Observe = injector, watch.Observe
		o.Logs = func(name, line string) { watch.Log(line); logs(name, line) }
	}
	r, err := flags.Start(ctx, out)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	target, err := tortureTarget(r)
	if err != nil {
		return nil, err
	}
	target.Injector, target.Watch, target.Limits = injector, watch, schedule.Limits()
	if target.Redriver, err = tortureRedriver(ctx, r); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case err := <-r.Failed():
			cancel(err)
		case <-ctx.Done():
		}
	}()
	result, err := chaos.Run(ctx, schedule, target, out.Progress)
	if err != nil {
		return nil, errors.Join(err, context.Cause(ctx))
	}
	return result, nil
}

// narrowAssembly copies the assembly of the run, with settings that split rooms
// early. The copy links to an assembly that is synthesized for it: remove, called
// after the stack is closed, removes both.
func narrowAssembly(ctx context.Context, flags cli.StackFlags, out cli.Console) (narrow string, remove func() error, err error) {
	made, err := flags.Assemble(ctx, out)
	if err != nil {
		return "", nil, err
	}
	remove = func() error { return errors.Join(made.Remove(), os.RemoveAll(narrow)) }
	narrow, err = os.MkdirTemp("", "roomcast-torture-")
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	if err := chaos.Narrow(made.Dir, narrow); err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return narrow, remove, nil
}

// tortureRedriver returns what redrives the dead letters of a running stack, as
// the command redrive does.
func tortureRedriver(ctx context.Context, r *cli.Running) (*redrive.Redriver, error) {
	outputs := r.Outputs()
	target := redrive.Target{Environment: r.Environment()}
	target.Flags(func(_, output string, value *string) { *value = outputs[output] })
	if target.CallbackURL == "" {
		target.CallbackURL = r.APIs()[0].CallbackURL
	}
	if err := target.Check(); err != nil {
		return nil, fmt.Errorf("torture: %w", err)
	}
	return redrive.Connect(ctx, target)
}
