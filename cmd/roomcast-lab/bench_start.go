package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
)

// startResult is what bench start measures.
type startResult struct {
	Synthesis float64 `json:"synthSeconds"` // with the build of the handlers
	Ready     float64 `json:"readySeconds"` // from the start of the command
}

func benchStartCommand() *cobra.Command {
	var flags cli.StackFlags
	cmd := &cobra.Command{
		Use: "start", Short: "How long the app takes to synthesize and to be ready",
		Long: "Synthesizes the app of ./cdk.json, which builds its handlers, starts it as `roomcast up --no-site`\ndoes, and ends it.",
	}
	flags.Register(cmd)
	run := func(ctx context.Context, out cli.Console) (startResult, error) {
		r, err := flags.Start(ctx, out)
		if err != nil {
			return startResult{}, err
		}
		return startResult{Synthesis: seconds(r.Assembly.Synthesis), Ready: seconds(r.Took)}, r.Close()
	}
	return measurement[startResult]{cmd, run, func(w io.Writer, r startResult) {
		fmt.Fprintf(w, "synthesized in %.1f s, ready after %.1f s\n", r.Synthesis, r.Ready)
	}}.command()
}

func seconds(d time.Duration) float64 { return math.Round(100*d.Seconds()) / 100 }
