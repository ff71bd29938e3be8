package bench_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/lab/bench"
)

// asGateway makes this test program the gateway's process.
const asGateway = "ROOMCAST_TEST_GATEWAY"

func TestMain(m *testing.M) {
	switch os.Getenv(asGateway) {
	case "":
		os.Exit(m.Run())
	case "broken":
		fmt.Println("no JSON")
	default:
		if err := bench.ServeGateway(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func gateway(mode string) func(context.Context) *exec.Cmd {
	return func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), asGateway+"="+mode)
		cmd.Stderr = os.Stderr
		return cmd
	}
}

// load is a small workload: what it says of the gateway is of no interest here.
func load(mode string) bench.Gateway {
	return bench.Gateway{Process: gateway(mode), Connections: 3, Connectors: 2, Posters: 2, Duration: 100 * time.Millisecond, PostBytes: 300}
}

func TestGatewayCountsWhatItMeasures(t *testing.T) {
	t.Parallel()
	got, err := load("yes").Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Connections != 3 || got.ConnectsPerSecond <= 0 {
		t.Errorf("connections: %+v", got)
	}
	if got.ResidentBytesEmpty < 1<<20 || got.ResidentBytes < 1<<20 || got.ResidentBytesPerConnection != got.ResidentBytes/3 {
		t.Errorf("memory: %+v", got)
	}
	if got.Posts == 0 || got.Received != got.Posts || got.PostsPerSecond <= 0 || got.Post.P50 <= 0 {
		t.Errorf("posts: %+v", got)
	}
}

func TestGatewayRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*bench.Gateway)
		want   string
	}{
		{"no connections", func(g *bench.Gateway) { g.Connections = 0 }, "at least 1"},
		{"more posters than connections", func(g *bench.Gateway) { g.Posters = 4 }, "choose fewer"},
		{"long", func(g *bench.Gateway) { g.Duration = 5 * time.Minute }, "less than five minutes"},
		{"broken process", func(g *bench.Gateway) { g.Process = gateway("broken") }, `the gateway's process says "no JSON\n"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := load("yes")
			tt.change(&g)
			if _, err := g.Run(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one with %q", err, tt.want)
			}
		})
	}
}
