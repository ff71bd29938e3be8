package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench"
)

const benchGatewayHelp = `Runs the local cloud's gateway in a process of its own, an API without
functions. Opens --connections as fast as they are accepted, lets them sit idle
for --hold and takes the memory of the gateway's process; then --posters
kept-alive HTTP connections post to them for --duration, each request signed
and its signature checked. Counts what the clients got.

A message that was posted and not received makes the command fail.`

func benchGatewayCommand() *cobra.Command {
	load := bench.Gateway{Process: func(ctx context.Context) *exec.Cmd { return ownProcess(ctx, "bench", "gateway", gatewayProcessName) }}
	cmd := &cobra.Command{Use: "gateway", Short: "The gateway alone: memory of idle connections, handshakes and posts a second", Long: benchGatewayHelp}
	cmd.Flags().IntVar(&load.Connections, "connections", 10_000, "connections to open and hold")
	cmd.Flags().IntVar(&load.Connectors, "connectors", 16, "concurrent handshakes")
	cmd.Flags().DurationVar(&load.Hold, "hold", 5*time.Second, "how long the connections are idle before memory is read")
	cmd.Flags().IntVar(&load.Posters, "posters", 16, "kept-alive HTTP connections that post, each one request at a time")
	cmd.Flags().DurationVar(&load.Duration, "duration", 5*time.Second, "how long they post")
	cmd.Flags().IntVar(&load.PostBytes, "bytes", 200, "size of a posted message")
	cmd.AddCommand(gatewayProcessCommand())
	run := func(ctx context.Context, _ cli.Console) (bench.GatewayResult, error) { return load.Run(ctx) }
	return measurement[bench.GatewayResult]{cmd, run, printGateway}.command()
}

// gatewayProcessName is the hidden command that bench gateway runs as the
// gateway.
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

func printGateway(w io.Writer, r bench.GatewayResult) {
	fmt.Fprintf(w, "%d CPUs, client and gateway together\n", r.CPUs)
	fmt.Fprintf(w, "connections %d in %.1f s, %.0f a second\n", r.Connections, r.ConnectSeconds, r.ConnectsPerSecond)
	fmt.Fprintf(w, "memory      %.1f MiB resident, %.1f before; %.1f KiB a connection\n",
		mebibytes(r.ResidentBytes), mebibytes(r.ResidentBytesEmpty), float64(r.ResidentBytesPerConnection)/(1<<10))
	fmt.Fprintf(w, "posts       %d of %d bytes in %.1f s, %.0f a second, %d received\n", r.Posts, r.PostBytes, r.PostSeconds, r.PostsPerSecond, r.Received)
	fmt.Fprintf(w, "post        p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", r.Post.P50, r.Post.P99, r.Post.Max)
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
