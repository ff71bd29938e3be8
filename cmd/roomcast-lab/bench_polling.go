package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench/polling"
	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/publish"
)

const benchPollingHelp = `Gives each of --users one update a minute: first pushed over a WebSocket
through the stack, where each client pings every five minutes, then fetched by
HTTP polling every --interval over a kept-alive connection, from a small endpoint
in a process of its own that answers 304 without a body if nothing is new. Counts
requests and the bytes on the sockets, both ways, and measures the time from an
update to its arrival.

It runs the app of ./cdk.json, without authentication and limits; an --assembly
must be open. A lost update makes the command fail.`

// endpointName is the hidden command that bench polling runs itself as.
const endpointName = "endpoint"

func benchPollingCommand() *cobra.Command {
	var flags cli.StackFlags
	var load polling.Polling
	var seconds int
	cmd := &cobra.Command{
		Use: "polling", Short: "WebSocket against HTTP polling: requests, bytes, latency and price of the same updates", Long: benchPollingHelp,
	}
	flags.Register(cmd)
	cmd.Flags().IntVar(&load.Users, "users", 1000, "users, each with a connection and one update a minute")
	cmd.Flags().IntVar(&seconds, "seconds", 60, "how long updates are made, for each of the two")
	cmd.Flags().DurationVar(&load.Interval, "interval", time.Second, "how often each user polls")
	cmd.Flags().IntVar(&load.Bytes, "bytes", 50, "size of an update's text")
	cmd.AddCommand(&cobra.Command{
		Use: endpointName, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return polling.Serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	})
	run := func(ctx context.Context, out cli.Console) (result polling.Result, err error) {
		load.Duration = time.Duration(seconds) * time.Second
		if err := load.Check(); err != nil {
			return result, err
		}
		m, err := startMeasured(ctx, flags, out, nil)
		if err != nil {
			return result, err
		}
		defer func() { err = errors.Join(err, m.close()) }()
		if load.Publish, err = publisher(ctx, m); err != nil {
			return result, err
		}
		load.URL, load.Usage = m.APIs()[0].WebSocketURL, m.Usage
		load.Endpoint = func(ctx context.Context) *exec.Cmd { return ownProcess(ctx, "bench", "polling", endpointName) }
		load.Progress = out.Say
		return load.Run(ctx)
	}
	return measurement[polling.Result]{cmd, run, printPolling}.command()
}

// publisher returns what publishes to a room of a running stack, as an app's
// own service would.
func publisher(ctx context.Context, m *measured) (func(context.Context, string, string) error, error) {
	stack, err := fanoutStack(m)
	if err != nil {
		return nil, err
	}
	own := m.Credentials()
	p, err := publish.New(ctx, publish.Config{
		ConnectionTable: stack.ConnectionTable, MessageTable: stack.MessageTable, CallbackURL: stack.CallbackURL,
		BroadcastQueueURL: m.Outputs()["BroadcastQueueUrl"],
		AWS: &aws.Config{
			Region: local.Region, BaseEndpoint: aws.String(m.Endpoint()),
			Credentials: credentials.NewStaticCredentialsProvider(own.AccessKeyID, own.SecretAccessKey, own.SessionToken),
		},
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, room, text string) error {
		_, err := p.ToRoom(ctx, publish.Message{RoomID: room, UserID: "service", Text: text})
		return err
	}, nil
}

// printPolling writes a result for people.
func printPolling(w io.Writer, r polling.Result) {
	fmt.Fprintf(w, "%d users, an update of %d bytes a minute each, for %.0f s; polling every %.0f ms\n", r.Users, r.Bytes, r.Seconds, 1000*r.Interval)
	for _, side := range []struct {
		name string
		polling.Side
	}{{"WebSocket", r.WebSocket}, {"polling", r.Polling}} {
		fmt.Fprintf(w, "%-10s %6d requests, %d connections; %.0f KB a minute on the wire (%d up, %d down); %d of %d updates\n", side.name,
			side.Requests, side.Connections, side.BytesPerMinute/1000, side.Wire.Up, side.Wire.Down, side.Arrived, side.Updates)
		fmt.Fprintf(w, "           p50 %.1f ms, p99 %.1f ms, max %.1f ms from update to arrival; $%.2f for 30 days on AWS\n",
			side.Latency.P50, side.Latency.P99, side.Latency.Max, side.PerMonth.Total)
	}
	fmt.Fprintf(w, "WebSocket saves %.1f %% of the requests and %.1f %% of the bytes\n", 100*r.FewerRequests, 100*r.FewerBytes)
}
