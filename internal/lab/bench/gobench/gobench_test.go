package gobench_test

import (
	"testing"

	"github.com/roomcast/roomcast/internal/lab/bench/gobench"
)

func TestParse(t *testing.T) {
	t.Parallel()
	r := gobench.Parse("goos: linux\nBenchmarkInit-2   \t     100\t  25123456 ns/op\t        24.5 ms-p50\nBenchmarkPost/tls/own \t 20 \t 1300000 ns/op \t 12 allocs/op\nPASS\nok  \tx\t1.2s\n")
	if len(r.Benchmarks) != 2 {
		t.Fatalf("got %+v", r)
	}
	first, second := r.Benchmarks[0], r.Benchmarks[1]
	if first.Name != "Init" || first.Runs != 100 || first.Figure("ns/op") != 25123456 || first.Figure("ms-p50") != 24.5 || first.Figure("B/op") != 0 {
		t.Errorf("got %+v", first)
	}
	if second.Name != "Post/tls/own" || second.Figure("allocs/op") != 12 {
		t.Errorf("got %+v", second)
	}
}
