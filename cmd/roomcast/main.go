// Command roomcast runs a CDK app's realtime backend on this machine, and
// operates one that is deployed.
//
//	roomcast up              run the app of ./cdk.json, or a cloud assembly
//	roomcast token           issue a token for a stack with a shared secret
//	roomcast redrive         list undelivered broadcast jobs, and send them again
//	roomcast restored        prepare a message table for use after a restore
//	roomcast sbom            list what the functions are made of
package main

import (
	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
)

func main() {
	root := &cobra.Command{Use: "roomcast", Short: "Run and operate a Roomcast realtime backend"}
	root.AddCommand(upCommand(), tokenCommand(), redriveCommand(), restoredCommand(), sbomCommand())
	cli.Main(root)
}
