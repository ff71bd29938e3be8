package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/results"
)

// measurement is a command that measures something and prints a result.
type measurement[R any] struct {
	cmd *cobra.Command // without RunE and the flags of the output
	run func(ctx context.Context, out cli.Console) (R, error)
	// print writes a result for people.
	print func(io.Writer, R)
}

// command returns the command. It prints the result, saves it if asked to, and
// fails if the result's method Err returns an error.
func (m measurement[R]) command() *cobra.Command {
	var out output
	out.register(m.cmd)
	m.cmd.Args = cobra.NoArgs
	m.cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		// What the functions print would drown the progress.
		result, err := m.run(cmd.Context(), cli.Console{Progress: cmd.ErrOrStderr(), Logs: io.Discard})
		if err != nil {
			return err
		}
		if err := out.save(cmd, result); err != nil {
			return err
		}
		if out.asJSON {
			err = json.NewEncoder(cmd.OutOrStdout()).Encode(result)
		} else {
			m.print(cmd.OutOrStdout(), result)
		}
		if failed, ok := any(result).(interface{ Err() error }); ok {
			err = errors.Join(err, failed.Err())
		}
		return err
	}
	return m.cmd
}

// output is where a result goes.
type output struct {
	asJSON bool
	path   string
}

func (o *output) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the result as one line of JSON")
	cmd.Flags().StringVar(&o.path, "save", "", "write the result to this `file` as well, with command, date, commit and machine, for the report")
}

// save writes the result file, if one was asked for.
func (o *output) save(cmd *cobra.Command, result any) error {
	if o.path == "" {
		return nil
	}
	kind := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	f, err := results.New(kind, typed(cmd.Root().Name(), os.Args[1:]), result)
	if err != nil {
		return err
	}
	return f.Save(o.path)
}

// typed returns a command as a reader types it, without the flags of its output.
func typed(program string, args []string) string {
	words := []string{program}
	for i := 0; i < len(args); i++ { // not over range: the value of a flag is skipped
		switch arg := args[i]; {
		case arg == "--save" || arg == "--record":
			i++
		case arg == "--json" || strings.HasPrefix(arg, "--save=") || strings.HasPrefix(arg, "--record="):
		case strings.ContainsAny(arg, " '$|*()^"):
			words = append(words, "'"+arg+"'")
		default:
			words = append(words, arg)
		}
	}
	return strings.Join(words, " ")
}
