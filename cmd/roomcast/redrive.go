package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/outputs"
	"github.com/roomcast/roomcast/internal/redrive"
)

const redriveHelp = `Reads the dead-letter queue of broadcast jobs. For each job it shows which
message or notification it delivers, why it failed, and for each of its
connections whether it would get the frame again or be skipped: because it is
gone, has left the room, already has the message, or has acknowledged the
notification. This changes nothing.

With --send it queues each job again for the connections that still have to get
it, and removes it from the dead-letter queue. A job without such connections is
only removed. A message that is not a job is shown and left, and so is a job
whose recipients cannot be determined: then the command fails at the end. A
client does not show a message that it gets twice.

--outputs names the file that "cdk deploy --outputs-file" wrote, or one with the
line that "roomcast up --json" prints; - reads standard input. For a stack
without these outputs, name its parts by flags. A run of "roomcast up" is reached
by what its line says; otherwise credentials, region and endpoint come from the
environment, as for the AWS CLI. They have to allow dynamodb:GetItem and
dynamodb:Query on the connection table, dynamodb:Query on the message table,
sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the
dead-letter queue, sqs:SendMessage on the queue of jobs and
execute-api:ManageConnections (GET).

Reading a job hides it from others for a while, and counts as a receive. SQS
hands out at most ten jobs of one message group, so the other jobs of a large
room appear after those were sent.`

// redriveFlags select the dead-letter queue and what to do.
type redriveFlags struct {
	outputs, stack string
	named          redrive.Target // what flags name
	options        redrive.Options
	json           bool
}

func redriveCommand() *cobra.Command {
	var flags redriveFlags
	cmd := &cobra.Command{
		Use:   "redrive",
		Short: "List undelivered broadcast jobs, and send them again",
		Long:  redriveHelp,
		Example: `  cdk deploy --outputs-file outputs.json
  roomcast redrive --outputs outputs.json
  roomcast redrive --outputs outputs.json --send`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			target, err := flags.target(cmd.InOrStdin())
			if err != nil {
				return err
			}
			r, err := redrive.Connect(cmd.Context(), target)
			if err != nil {
				return err
			}
			return flags.run(cmd.Context(), cmd.OutOrStdout(), r)
		},
	}
	cmd.Flags().StringVar(&flags.outputs, "outputs", "", "`file` with the stack's outputs; - is standard input")
	cmd.Flags().StringVar(&flags.stack, "stack", "", "`name` of the stack, if the outputs are of several")
	flags.named.Flags(func(name, output string, value *string) {
		cmd.Flags().StringVar(value, name, "", "`value` to take for the output "+output)
	})
	cmd.Flags().BoolVar(&flags.options.Send, "send", false, "queue the jobs again, and remove those without pending recipients")
	cmd.Flags().IntVar(&flags.options.Limit, "limit", 0, "maximum `number` of jobs to read; 0 reads all")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print a line of JSON for each job")
	return cmd
}

// target reads where the stack is. Flags override the outputs.
func (f redriveFlags) target(stdin io.Reader) (redrive.Target, error) {
	if f.options.Limit < 0 {
		return redrive.Target{}, fmt.Errorf("--limit %d is negative: 0 looks at all jobs", f.options.Limit)
	}
	var target redrive.Target
	var incomplete error // unless flags name the rest
	if f.outputs != "" {
		data, err := outputs.ReadFile(f.outputs, stdin)
		if err != nil {
			return redrive.Target{}, fmt.Errorf("--outputs: %w", err)
		}
		if target, err = redrive.ParseOutputs(data, f.stack); err != nil {
			incomplete = fmt.Errorf("--outputs %s: %w", f.outputs, err)
			if !errors.Is(err, outputs.ErrMissing) {
				return redrive.Target{}, incomplete
			}
		}
	}
	named := map[string]string{}
	f.named.Flags(func(name, _ string, value *string) { named[name] = *value })
	target.Flags(func(name, _ string, value *string) {
		if named[name] != "" {
			*value = named[name]
		}
	})
	if err := target.Check(); err != nil {
		return redrive.Target{}, cmp.Or(incomplete, err)
	}
	return target, nil
}

// run redrives, and prints what it finds as it is asked to.
func (f redriveFlags) run(ctx context.Context, out io.Writer, r *redrive.Redriver) error {
	if f.json {
		lines := json.NewEncoder(out)
		_, err := r.Run(ctx, f.options, func(report redrive.Report) error { return lines.Encode(report) })
		return err
	}
	table := newRedriveTable(out, f.options.Send)
	summary, err := r.Run(ctx, f.options, table.add)
	table.end(summary)
	return err
}
