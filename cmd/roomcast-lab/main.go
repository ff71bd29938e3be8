// Command roomcast-lab measures a stack that runs on this machine, and attacks
// it.
//
//	roomcast-lab bench chat      many users, one message each: is each delivered once, how fast
//	roomcast-lab bench recovery  a client that missed messages comes back: how long, what it reads
//	roomcast-lab bench gateway   idle connections and posts: memory, handshakes and posts a second
//	roomcast-lab bench fanout    a message to a large room: last delivery, CPU, bill, the floor
//	roomcast-lab bench auth      what tokens and limits cost, and whether a flood slows the others
//	roomcast-lab bench curve     draw results of bench fanout as an SVG
//	roomcast-lab bench polling   a WebSocket compared with HTTP polling
//	roomcast-lab torture         does the stack keep its promises when everything goes wrong?
package main

import (
	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
)

func main() {
	root := &cobra.Command{Use: "roomcast-lab", Short: "Measure and attack a Roomcast realtime backend that runs on this machine"}
	root.AddCommand(benchCommand(), tortureCommand(), reportCommand())
	cli.Main(root)
}
