package main

import (
	"archive/zip"
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/gobuild"
	"github.com/roomcast/roomcast/internal/settings"
)

// BenchmarkInit starts the bootstrap as Lambda does and measures from the
// start of the process to its first call of `next`. It runs the function that
// needs most, built for this machine.
//
//	go test ./lambdas -run '^$' -bench Init -benchtime 100x
func BenchmarkInit(b *testing.B) {
	dir, err := gobuild.Handlers(gobuild.Host())
	if err != nil {
		b.Fatal(err)
	}
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer api.Close()
	var took []time.Duration
	for b.Loop() {
		cmd := exec.Command(filepath.Join(dir, "bootstrap"))
		cmd.Env = []string{
			"AWS_LAMBDA_RUNTIME_API=" + api.Addr().String(), "_HANDLER=messages",
			"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token",
			settings.ConnectionTable + "=connections", settings.MessageTable + "=messages",
			settings.CallbackURL + "=https://example.com/prod", settings.BroadcastQueueURL + "=https://example.com/queue.fifo",
		}
		start := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		conn, err := api.Accept()
		if err != nil {
			b.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		took = append(took, time.Since(start))
		if want := "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n"; err != nil || line != want {
			b.Fatalf("the bootstrap asked %q, %v", line, err)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		conn.Close()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "ms-median")
	b.ReportMetric(float64(took[len(took)-1])/1e6, "ms-max")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkAsset packs the bootstrap that is deployed, as the CDK does, and
// reports its size.
func BenchmarkAsset(b *testing.B) {
	dir, err := gobuild.Handlers(gobuild.Lambda("arm64"))
	if err != nil {
		b.Fatal(err)
	}
	var size int64
	for b.Loop() {
		size = zipped(b, filepath.Join(dir, "bootstrap"))
	}
	b.ReportMetric(float64(size)/(1<<20), "MB-zipped")
	b.ReportMetric(0, "ns/op")
}

func zipped(b *testing.B, path string) int64 {
	b.Helper()
	in, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	var size counter
	archive := zip.NewWriter(&size)
	out, err := archive.Create("bootstrap")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		b.Fatal(err)
	}
	return int64(size)
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
