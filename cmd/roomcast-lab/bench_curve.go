package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/lab/bench/curve"
	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
)

func benchCurveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "curve [FILE...]",
		Short:   "Draw the results of bench fanout --json as an SVG",
		Long:    "Reads results of bench fanout --json, from files or standard input, and writes an SVG to standard\noutput: the time to the last delivery by the size of the room, beside the floor. The sizes of several\nfiles make one curve.",
		Example: "  roomcast-lab bench fanout --members 10,100,1000 --json | roomcast-lab bench curve > fanout.svg",
		RunE: func(cmd *cobra.Command, files []string) error {
			all, err := readResults(cmd.InOrStdin(), files)
			if err != nil {
				return err
			}
			picture, err := curve.SVG(all)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(picture)
			return err
		},
	}
}

// readResults reads results and returns the first one, with the sizes of all.
func readResults(in io.Reader, files []string) (fanout.Result, error) {
	if len(files) == 0 {
		return readResult("standard input", in)
	}
	var all fanout.Result
	for i, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return fanout.Result{}, fmt.Errorf("bench curve: %w", err)
		}
		r, err := readResult(name, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return fanout.Result{}, err
		}
		if i == 0 {
			all = r
			continue
		}
		all.Sizes = append(all.Sizes, r.Sizes...)
	}
	return all, nil
}

func readResult(name string, in io.Reader) (fanout.Result, error) {
	var r fanout.Result
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return r, fmt.Errorf("bench curve: %s is not what bench fanout --json writes: %w", name, err)
	}
	return r, nil
}
