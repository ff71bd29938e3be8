package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
)

// A command is kept as a reader types it.
func TestTyped(t *testing.T) {
	t.Parallel()
	got := typed("roomcast-lab", []string{"bench", "go", "--json", "--save", "x.json", "--record=y", "--pattern", "Post|New", "--record", "z", "--cpu=1"})
	if want := "roomcast-lab bench go --pattern 'Post|New' --cpu=1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

type counted struct{ N int }

func (c counted) Err() error {
	if c.N > 1 {
		return errors.New("too many")
	}
	return nil
}

// A result is printed and saved also if it makes the command fail.
func TestMeasurement(t *testing.T) {
	t.Parallel()
	for n, want := range []string{"", "", "too many"} {
		path := filepath.Join(t.TempDir(), "out.json")
		root, sub := &cobra.Command{Use: "lab", SilenceErrors: true, SilenceUsage: true}, &cobra.Command{Use: "count"}
		root.AddCommand(measurement[counted]{
			sub, func(context.Context, cli.Console) (counted, error) { return counted{n}, nil },
			func(w io.Writer, _ counted) { _, _ = io.WriteString(w, "for people") },
		}.command())
		var out strings.Builder
		root.SetOut(&out)
		root.SetArgs([]string{"count", "--json", "--save", path})
		if err := root.Execute(); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%d: got %v, want %q", n, err, want)
		}
		var printed counted
		if err := json.Unmarshal([]byte(out.String()), &printed); err != nil || printed.N != n {
			t.Errorf("%d: printed %q", n, out.String())
		}
		if saved, err := os.ReadFile(path); err != nil || !strings.Contains(string(saved), `"kind": "count"`) {
			t.Errorf("%d: saved %s, %v", n, saved, err)
		}
	}
}
