package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/outputs"
	"github.com/roomcast/roomcast/internal/restore"
)

const restoredHelp = `Makes a message table safe to use after it was restored from a backup or to an
earlier point in time. Run it on the restored table before functions use it.

A restored room assigns sequence numbers again that clients have already seen,
and a client that is ahead would ignore new messages as old. The command gives
every room's log a new epoch, so that clients fetch again what they show. They
learn of it when they join, or with their next heartbeat.

--message-table names the table. Or --outputs names the file that
"cdk deploy --outputs-file" wrote, or one with the line that "roomcast up --json"
prints; - reads standard input. Credentials, region and endpoint come from the
environment, as for the AWS CLI, or from the line of "roomcast up". They have to
allow dynamodb:Scan and dynamodb:UpdateItem on the table.

The command reads the whole table and writes one unit for each room. You can run
it again after an error.`

// restoredFlags name the restored table.
type restoredFlags struct{ outputs, stack, table string }

func restoredCommand() *cobra.Command {
	var flags restoredFlags
	cmd := &cobra.Command{
		Use:   "restored",
		Short: "Make a restored message table safe to use",
		Long:  restoredHelp,
		Example: `  roomcast restored --message-table restored-messages
  roomcast restored --outputs outputs.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table, environment, err := flags.target(cmd.InOrStdin())
			if err != nil {
				return err
			}
			cfg, err := outputs.LoadAWS(cmd.Context(), environment)
			if err != nil {
				return err
			}
			newID := func() string { return ulid.MustNew(ulid.Timestamp(time.Now()), rand.Reader).String() }
			progress := func(rooms int) { fmt.Fprintf(cmd.ErrOrStderr(), "· %d rooms\n", rooms) }
			rooms, err := restore.NewEpochs(cmd.Context(), dynamodb.NewFromConfig(cfg), table, newID, progress)
			if err != nil {
				return fmt.Errorf("%w (%d rooms are done; run the command again)", err, rooms)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "The logs of %d rooms have a new epoch. Clients fetch again what they show.\n", rooms)
			return nil
		},
	}
	cmd.Flags().StringVar(&flags.outputs, "outputs", "", "`file` with the stack's outputs; - is standard input")
	cmd.Flags().StringVar(&flags.stack, "stack", "", "`name` of the stack, if the outputs are of several")
	cmd.Flags().StringVar(&flags.table, "message-table", "", "`name` of the restored table, instead of the output MessageTableName")
	return cmd
}

// target returns the table and the environment to reach it, nil for this
// process's own.
func (f restoredFlags) target(stdin io.Reader) (table string, environment map[string]string, err error) {
	if f.outputs == "" {
		if f.table == "" {
			return "", nil, errors.New("which table was restored? name it by --message-table, or pass --outputs a file that has MessageTableName")
		}
		return f.table, nil, nil
	}
	data, err := outputs.ReadFile(f.outputs, stdin)
	if err != nil {
		return "", nil, fmt.Errorf("--outputs: %w", err)
	}
	const output = "MessageTableName"
	o, err := outputs.Parse(data, f.stack, output)
	switch {
	case f.table != "" && (err == nil || errors.Is(err, outputs.ErrMissing)):
		return f.table, o.Environment, nil
	case err == nil && o.Value(output) == "":
		err = fmt.Errorf("the stack %s has no output %s: %w", f.stack, output, outputs.ErrMissing)
	}
	if err != nil {
		return "", nil, fmt.Errorf("--outputs %s: %w", f.outputs, err)
	}
	return o.Value(output), o.Environment, nil
}
