package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/lab/bench"
)

const benchGatewayHelp = `Runs the local cloud's gateway in a process of its own, an API without
functions. Opens --connections as fast as they are accepted, lets them sit idle
for --hold and takes the memory of the gateway's process; then --posters
kept-alive HTTP connections post to them for --duration, each request signed
and its signature checked. Counts what the clients got.

A message that was posted and not received makes the command fail.`

func benchGatewayCommand() *cobra.Command {
	load := bench.Gateway{Process: gatewayProcess}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "gateway",
		Short: "The gateway alone: memory of idle connections, handshakes and posts a second",
		Long:  benchGatewayHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runGateway(cmd.Context(), cmd.OutOrStdout(), load, asJSON)
		},
	}
	cmd.Flags().IntVar(&load.Connections, "connections", 10_000, "connections that are opened and held")
	cmd.Flags().IntVar(&load.Connectors, "connectors", 16, "handshakes under way at a time")
	cmd.Flags().DurationVar(&load.Hold, "hold", 5*time.Second, "how long the connections sit idle before memory is taken")
	cmd.Flags().IntVar(&load.Posters, "posters", 16, "kept-alive HTTP connections that post, a request at a time each")
	cmd.Flags().DurationVar(&load.Duration, "duration", 5*time.Second, "how long they post")
	cmd.Flags().IntVar(&load.PostBytes, "bytes", 200, "size of a posted message")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one line of JSON")
	cmd.AddCommand(gatewayProcessCommand())
	return cmd
}

// gatewayProcessName is the hidden command that bench gateway runs itself as.
const gatewayProcessName = "process"

func gatewayProcessCommand() *cobra.Command {
	return &cobra.Command{
		Use:    gatewayProcessName,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return bench.ServeGateway(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

// gatewayProcess is this very program as the gateway.
func gatewayProcess(ctx context.Context) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, program, "bench", "gateway", gatewayProcessName)
	cmd.Stderr = os.Stderr
	return cmd
}

func runGateway(ctx context.Context, w io.Writer, load bench.Gateway, asJSON bool) error {
	result, err := load.Run(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		if err := json.NewEncoder(w).Encode(result); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(w, "%d CPUs, client and gateway together\n", result.CPUs)
		fmt.Fprintf(w, "connections %d in %.1f s, %.0f a second\n", result.Connections, result.ConnectSeconds, result.ConnectsPerSecond)
		fmt.Fprintf(w, "memory      %.1f MiB resident, %.1f before; %.1f KiB a connection\n",
			mebibytes(result.ResidentBytes), mebibytes(result.ResidentBytesEmpty), float64(result.ResidentBytesPerConnection)/(1<<10))
		fmt.Fprintf(w, "posts       %d of %d bytes in %.1f s, %.0f a second, %d received\n",
			result.Posts, result.PostBytes, result.PostSeconds, result.PostsPerSecond, result.Received)
		fmt.Fprintf(w, "post        p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", result.Post.P50, result.Post.P99, result.Post.Max)
	}
	if missing := result.Posts - result.Received; missing != 0 {
		return fmt.Errorf("bench gateway: %d of %d posted messages are missing", missing, result.Posts)
	}
	return nil
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
