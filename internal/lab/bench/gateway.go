package bench

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/roomcast/roomcast/internal/retry"
)

// Gateway is a workload for the local cloud's gateway alone: connections that
// sit idle, and @connections posts to them. The gateway runs in a process of
// its own, so that its memory is its own; this process is the client.
type Gateway struct {
	// Process starts the gateway's process: one that runs ServeGateway on its
	// standard input and output.
	Process func(context.Context) *exec.Cmd
	// Connections is how many are opened and held.
	Connections int
	// Connectors is how many handshakes are under way at a time.
	Connectors int
	// Hold is how long the connections sit idle before memory is measured.
	Hold time.Duration
	// Posters is the number of kept-alive HTTP connections that post, each one
	// request at a time.
	Posters int
	// Duration is how long they post. It has to end before signatures do, which
	// are made once: after less than five minutes.
	Duration time.Duration
	// PostBytes is the size of a posted message.
	PostBytes int
}

// GatewayResult is what a Gateway run saw.
type GatewayResult struct {
	CPUs        int `json:"cpus"`
	Connections int `json:"connections"`

	// ConnectSeconds is how long it took until all connections were open.
	ConnectSeconds    float64 `json:"connectSeconds"`
	ConnectsPerSecond float64 `json:"connectsPerSecond"`

	// ResidentBytes is the resident memory of the gateway's process while the
	// connections are idle: all of it, the program's code included.
	ResidentBytes int64 `json:"residentBytes"`
	// ResidentBytesEmpty is the same before the first connection.
	ResidentBytesEmpty int64 `json:"residentBytesEmpty"`
	// ResidentBytesPerConnection is ResidentBytes shared out.
	ResidentBytesPerConnection int64 `json:"residentBytesPerConnection"`

	Posters        int     `json:"posters"`
	PostBytes      int     `json:"postBytes"`
	Posts          int     `json:"posts"`
	PostSeconds    float64 `json:"postSeconds"`
	PostsPerSecond float64 `json:"postsPerSecond"`
	// Received is how many of the posted messages their clients got.
	Received int `json:"received"`
	// Post is the time from a post to its answer.
	Post Latency `json:"postMs"`
}

// Err returns an error if a posted message was not received.
func (r GatewayResult) Err() error {
	if missing := r.Posts - r.Received; missing != 0 {
		return fmt.Errorf("bench gateway: %d of %d posted messages are missing", missing, r.Posts)
	}
	return nil
}

// Run measures. It returns an error when the workload could not be driven; a
// message that was posted and not received is a figure in the result.
func (g Gateway) Run(ctx context.Context) (result GatewayResult, err error) {
	if err := g.check(); err != nil {
		return result, err
	}
	server, err := startGateway(g.Process(ctx))
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	result = GatewayResult{CPUs: runtime.NumCPU(), Connections: g.Connections, Posters: g.Posters, PostBytes: g.PostBytes}
	if result.ResidentBytesEmpty, err = server.resident(); err != nil {
		return result, err
	}

	clients, err := g.connect(ctx, server, &result)
	defer clients.close()
	if err != nil {
		return result, err
	}
	if err := retry.Sleep(ctx, g.Hold); err != nil {
		return result, err
	}
	if result.ResidentBytes, err = server.resident(); err != nil {
		return result, err
	}
	result.ResidentBytesPerConnection = result.ResidentBytes / int64(g.Connections)
	return result, g.post(ctx, server, clients, &result)
}

func (g Gateway) check() error {
	switch {
	case g.Connections < 1 || g.Connectors < 1 || g.Posters < 1 || g.PostBytes < 1:
		return errors.New("bench gateway: connections, connectors, posters and bytes have to be at least 1")
	case g.Posters > g.Connections:
		return fmt.Errorf("bench gateway: %d posters have no connection of their own among %d: choose fewer", g.Posters, g.Connections)
	case g.Duration >= 5*time.Minute:
		return fmt.Errorf("bench gateway: posting for %v outlasts the signatures: choose less than five minutes", g.Duration)
	}
	return nil
}
