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
	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
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

// Each of the two results of bench fanout is printed without the other.
func TestFanoutResults(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]fanoutResult{
		`"cpus":2,`:              {Result: &fanout.Result{CPUs: 2}},
		`{"largeRoomMembers":7,`: {NeighbourResult: &fanout.NeighbourResult{Large: 7, Missing: 1}},
	} {
		printed, err := json.Marshal(r)
		if err != nil || !strings.Contains(string(printed), want) || strings.Contains(string(printed), "cpus") == (r.Result == nil) {
			t.Errorf("printed %s, %v; want %s", printed, err, want)
		}
		if (r.Err() != nil) != (r.NeighbourResult != nil) {
			t.Errorf("%s: %v", printed, r.Err())
		}
	}
}
