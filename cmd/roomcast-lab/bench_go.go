package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench/gobench"
)

func benchGoCommand() *cobra.Command {
	var pkg, pattern, benchtime, cpu string
	cmd := &cobra.Command{
		Use: "go", Short: "Run Go benchmarks of a package and keep their figures",
		Long: "Runs `go test -run '^$' -bench PATTERN` for one package of this repository.", Example: "  roomcast-lab bench go --package ./lambdas --pattern Init --benchtime 100x",
	}
	cmd.Flags().StringVar(&pkg, "package", "", "`package` of the benchmarks, such as ./lambdas")
	cmd.Flags().StringVar(&pattern, "pattern", ".", "regular `expression` of the benchmarks' names")
	cmd.Flags().StringVar(&benchtime, "benchtime", "1s", "how long, or how often, each one runs: 1s, 100x")
	cmd.Flags().StringVar(&cpu, "cpu", "", "GOMAXPROCS of the benchmarks")
	_ = cmd.MarkFlagRequired("package") // it fails for an unknown flag only
	run := func(ctx context.Context, out cli.Console) (gobench.Result, error) {
		args := []string{"test", pkg, "-run", "^$", "-bench", pattern, "-benchtime", benchtime, "-benchmem"}
		if cpu != "" {
			args = append(args, "-cpu", cpu)
		}
		var stdout bytes.Buffer
		test := exec.CommandContext(ctx, "go", args...)
		test.Stdout, test.Stderr = io.MultiWriter(&stdout, out.Progress), os.Stderr
		if err := test.Run(); err != nil {
			return gobench.Result{}, fmt.Errorf("bench go: %w", err)
		}
		result := gobench.Parse(stdout.String())
		if len(result.Benchmarks) == 0 {
			return result, errors.New("bench go: no benchmark matches --pattern")
		}
		return result, nil
	}
	return measurement[gobench.Result]{cmd, run, func(w io.Writer, r gobench.Result) {
		for _, b := range r.Benchmarks {
			fmt.Fprintln(w, b)
		}
	}}.command()
}
