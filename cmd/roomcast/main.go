// Command roomcast runs a CDK app's realtime backend on this machine, measures
// it, and looks after one that is deployed.
//
//	roomcast up              run the app of ./cdk.json, or a cloud assembly
//	roomcast bench chat      many users, one message each: is each delivered once, how fast
//	roomcast bench recovery  a client that missed messages comes back: how long, what it reads
//	roomcast bench gateway   idle connections and posts: memory, handshakes and posts a second
//	roomcast bench fanout    a message to a large room: last delivery, CPU, bill, the floor
//	roomcast bench door      what tokens and limits cost, and whether a flood slows the others
//	roomcast bench curve     draw results of bench fanout as an SVG
//	roomcast bench polling   a WebSocket beside HTTP polling
//	roomcast torture         does the stack keep its promise when everything goes wrong?
//	roomcast token           mint a token for a stack with a shared secret
//	roomcast redrive         explain and send again the broadcast jobs that failed for good
//	roomcast sbom            list what the functions are made of
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	endWithGoRun(ctx, cancel)

	root := &cobra.Command{
		Use:           "roomcast",
		Short:         "Run, measure and look after a Roomcast realtime backend",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(upCommand(), benchCommand(), tortureCommand(), tokenCommand(), redriveCommand(), restoredCommand(), sbomCommand())
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		os.Exit(130) // interrupted before it was ready
	default:
		fmt.Fprintln(os.Stderr, "roomcast:", err)
		os.Exit(1)
	}
}
