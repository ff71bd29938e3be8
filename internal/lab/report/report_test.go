package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/lab/report"
	"github.com/roomcast/roomcast/internal/lab/results"
)

const docs = "../../../docs"

// The page and the curve are made of the result files.
func TestBenchmarksAreCurrent(t *testing.T) {
	t.Parallel()
	files, err := results.Load(filepath.Join(docs, "results"))
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := report.Write(&page, files); err != nil {
		t.Fatal(err)
	}
	picture, err := report.Curve(files)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{"benchmarks.md": page.Bytes(), "images/fanout.svg": picture} {
		if got, err := os.ReadFile(filepath.Join(docs, path)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/%s is not what docs/results make: run make benchmarks (%v)", path, err)
		}
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	file := func(kind, command, result string) results.File {
		return results.File{Name: "x", Kind: kind, Command: command, Date: "2026-12-01", Commit: "abc1234", Machine: "2 CPUs", Result: json.RawMessage(result)}
	}
	var page bytes.Buffer
	err := report.Write(&page, []results.File{
		file("torture", "roomcast-lab torture --seconds 120 --seed 2", `{"seed":2,"injected":{"kills":406},"observed":{"deliveries":9921},"violations":[]}`),
		file("torture", "roomcast-lab torture --seconds 120 --seed 1", `{"seed":1,"injected":{"kills":1356},"observed":{},"violations":[{"kind":"missing","what":"w"}]}`),
		file("broken", "broken --seed 7 no-replay", `{"name":"no-replay","what":"w","kinds":["missing"],"seconds":60,"violations":{"missing":3,"ghost":2},"reported":true}`),
		file("broken", "broken --seed 7 quiet", `{"name":"quiet","what":"w","kinds":["missing"],"seconds":60,"violations":{},"reported":false}`),
		file("bench fanout", "bench fanout --noisy-neighbour --post-latency 20ms", `{"largeRoomMembers":10000,"quietMs":{"p50":12.5,"p99":31},"loudMs":{"p50":13.5,"p99":40},"p50Ratio":1.08,"p99Ratio":1.3}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 1 | 1,356 |", "| 2 | 406 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 9,921 | 0 | 0 |",
		"- `roomcast-lab torture --seconds 120 --seed N`: 2026-12-01, commit abc1234, 2 CPUs.\n",
		"| `no-replay` | w | `missing` | 3 | 2 | 60 s |", "| `quiet` | w | `missing` | not reported | 0 | 60 s |",
		"| 20 ms | 10,000 | 12 ms | 14 ms | 31 ms | 40 ms | 1.08 | 1.30 |",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page has no %q:\n%s", want, page.String())
		}
	}
	if n := strings.Count(page.String(), "--seed N`"); n != 1 {
		t.Errorf("the runs of one command are named %d times", n)
	}
}

// A result that no section shows would be a figure that nobody reads.
func TestWriteRefusesUnknownKinds(t *testing.T) {
	t.Parallel()
	err := report.Write(&bytes.Buffer{}, []results.File{{Name: "x", Kind: "bench unknown"}})
	if err == nil || !strings.Contains(err.Error(), `invalid kind "bench unknown"`) {
		t.Errorf("got %v", err)
	}
}
