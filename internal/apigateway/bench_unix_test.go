//go:build unix

package apigateway

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// asStage, in the environment, makes this test binary a stage in its own process,
// so that a benchmark measures the client alone.
const asStage = "ROOMCAST_TEST_STAGE"

func TestMain(m *testing.M) {
	if kind := os.Getenv(asStage); kind != "" {
		serveStage(kind == "tls")
		return
	}
	os.Exit(m.Run())
}

// serveStage writes its URL to stdout and answers posts until stdin ends.
func serveStage(secure bool) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("x-amzn-RequestId", "4d0d7d3c-0b3b-4e4e-8e0a-3a7d3a1f3e11")
	}))
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startStage starts a stage in another process and returns its URL.
func startStage(b *testing.B, kind string) string {
	b.Helper()
	stage := exec.Command(os.Args[0])
	stage.Env = append(os.Environ(), asStage+"="+kind)
	stage.Stderr = os.Stderr
	stdin, err := stage.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := stage.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := stage.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = stage.Wait()
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(url)
}

// BenchmarkPost compares the poster with the SDK's client, both tuned (a transport
// that keeps a socket for each post) and untuned. cpu-ns/op is the CPU time of the
// client's process, in all threads and in the kernel.
func BenchmarkPost(b *testing.B) {
	const inAir = 100 // posts at a time, as a delivery makes them
	frame := delivery.NewPayload([]byte(`{"type":"message","roomId":"lobby","seq":1234567,"data":"` + strings.Repeat("x", 200) + `"}`))
	tuned := func(t *http.Transport) { t.MaxIdleConnsPerHost, t.MaxIdleConns = maxIdle, maxIdle }
	for _, kind := range []string{"plain", "tls"} {
		for _, client := range []struct {
			name string
			tune func(*http.Transport) // nil: no SDK
		}{{"own", nil}, {"sdk-tuned", tuned}, {"sdk-untuned", func(*http.Transport) {}}} {
			b.Run(kind+"/"+client.name, func(b *testing.B) {
				url := startStage(b, kind) + "/prod"
				cfg := config()
				cfg.Credentials = credentials.NewStaticCredentialsProvider("ASIAEXAMPLE", "wJalrXUtnFEMI", strings.Repeat("token", 200))
				transport := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
					t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // the other process has a certificate of its own
					if client.tune != nil {
						client.tune(t)
					}
				})
				cfg.HTTPClient = transport
				post := NewPoster(cfg, url).Post
				if client.tune != nil {
					sdk := apigatewaymanagementapi.NewFromConfig(cfg, func(o *apigatewaymanagementapi.Options) { o.BaseEndpoint = &url })
					post = func(ctx context.Context, id string, p delivery.Payload) error {
						_, err := sdk.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: p.Data})
						return err
					}
				}
				b.ReportAllocs()
				b.SetParallelism(inAir / runtime.GOMAXPROCS(0))
				cpu := cpuTime(b)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := post(b.Context(), "R0oXAdfD0kwCH6w=", frame); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(cpuTime(b)-cpu)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// cpuTime returns the CPU time of this process so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkNewSockets makes 100 posts at a time by a poster that has no sockets
// yet, as a new environment of a function does. cpu-ns/op is that of all of them.
func BenchmarkNewSockets(b *testing.B) {
	const posts = 100
	frame := delivery.NewPayload([]byte(`{"type":"message","roomId":"lobby","seq":1234567,"data":"` + strings.Repeat("x", 200) + `"}`))
	for _, kind := range []string{"plain", "tls"} {
		b.Run(kind, func(b *testing.B) {
			url := startStage(b, kind) + "/prod"
			cfg := config()
			cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
				t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // the other process has a certificate of its own
			})
			cpu := cpuTime(b)
			for b.Loop() {
				poster := NewPoster(cfg, url)
				var all sync.WaitGroup
				for i := range posts {
					all.Go(func() {
						if err := poster.Post(b.Context(), fmt.Sprint("c", i), frame); err != nil {
							b.Error(err)
						}
					})
				}
				all.Wait()
				b.StopTimer()
				poster.sockets.expire(len(poster.sockets.idle))
				b.StartTimer()
			}
			b.ReportMetric(float64(cpuTime(b)-cpu)/float64(b.N), "cpu-ns/op")
		})
	}
}
