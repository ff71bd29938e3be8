package apigateway

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// listen serves every socket with serve, which gets its number from 0, and returns
// a poster for it.
func listen(t *testing.T, serve func(n int, conn *net.TCPConn, r *bufio.Reader)) *Poster {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				serve(n, conn.(*net.TCPConn), bufio.NewReader(conn))
			})
		}
	})
	p := NewPoster(config(), "http://"+l.Addr().String())
	t.Cleanup(func() {
		_ = l.Close()
		p.sockets.expire(len(p.sockets.idle))
		serving.Wait()
	})
	return p
}

// next reads a request and reports whether there was one.
func next(r *bufio.Reader) bool {
	q, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, q.Body)
	return err == nil
}

// TestSocketsThatEnd makes two posts to servers that end kept sockets. A script has
// what the server does with each request of a socket.
func TestSocketsThatEnd(t *testing.T) {
	t.Parallel()
	const (
		answers   = iota // and waits for the next request
		closes           // answers, and closes the idle socket
		says             // the same, but says so
		resets           // answers, and resets the idle socket
		ignores          // closes instead of an answer
		halfway          // closes after half an answer
		timesOut         // says that no request came in time
		babbles          // answers, and says more
		overlooks        // closes a socket before it has read the request
		early            // answers before it has read the request, and closes
	)
	const wholeFrame = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
	for _, c := range []struct {
		name     string
		scripts  [][]int // of the sockets, in the order that they are opened
		requests int     // that are read
		says     []string
	}{
		{"keeps", [][]int{{answers, answers}}, 2, []string{"", ""}},
		{"closes idle sockets", [][]int{{closes}, {answers}}, 2, []string{"", ""}},
		{"says that it closes", [][]int{{says}, {answers}}, 2, []string{"", ""}},
		{"resets idle sockets", [][]int{{resets}, {answers}}, 2, []string{"", ""}},
		{"closes while the post comes", [][]int{{answers, ignores}, {answers}}, 3, []string{"", ""}},
		{"does not read the post", [][]int{{answers, overlooks}, {answers}}, 2, []string{"", ""}},
		{"closes new sockets", [][]int{{ignores}, {answers}}, 2, []string{"the socket was closed before the answer", ""}},
		{"closes all sockets", [][]int{{answers, ignores}, {ignores}}, 3, []string{"", "the socket was closed before the answer"}},
		{"stops half-way", [][]int{{answers, halfway}}, 2, []string{"", "read the answer: it is incomplete"}},
		{"times out idle sockets", [][]int{{answers, timesOut}, {answers}}, 3, []string{"", ""}},
		{"times out new sockets", [][]int{{timesOut}, {answers}}, 2, []string{"status 408", ""}},
		{"says too much", [][]int{{babbles, answers}, {answers}}, 2, []string{"", ""}},
		{"answers early", [][]int{{answers, early}}, 1, []string{"", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var requests, opened atomic.Int64
			p := listen(t, func(n int, conn *net.TCPConn, r *bufio.Reader) {
				opened.Add(1)
				if n >= len(c.scripts) {
					return
				}
				for _, does := range c.scripts[n] {
					switch does {
					case overlooks:
						_, _ = r.Peek(1)
						return
					case early:
						_, _ = r.Peek(1)
						_, _ = io.WriteString(conn, wholeFrame)
						_ = conn.CloseWrite()
						_, _ = io.Copy(io.Discard, r)
						return
					}
					if !next(r) {
						return
					}
					requests.Add(1)
					switch does {
					case answers:
						_, _ = io.WriteString(conn, okAnswer)
					case closes:
						_, _ = io.WriteString(conn, okAnswer)
						return
					case says:
						_, _ = io.WriteString(conn, wholeFrame)
					case resets:
						_, _ = io.WriteString(conn, okAnswer)
						_, _ = r.Peek(1) // until the next request comes
						_ = conn.SetLinger(0)
						return
					case ignores:
						return
					case halfway:
						_, _ = io.WriteString(conn, okAnswer[:20])
						return
					case timesOut:
						_, _ = io.WriteString(conn, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
					case babbles:
						_, _ = io.WriteString(conn, okAnswer+"HTTP/1.1 500 X\r\n")
					}
				}
			})
			for i, want := range c.says {
				err := p.Post(t.Context(), "c1", frame)
				if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("post %d: %v, want %q", i, err, want)
				}
			}
			if requests.Load() != int64(c.requests) || opened.Load() != int64(len(c.scripts)) {
				t.Errorf("got %d requests over %d sockets, want %d over %d", requests.Load(), opened.Load(), c.requests, len(c.scripts))
			}
		})
	}
}

// TestManyPostsAtATime posts in waves: the second opens no socket when as many
// as are kept are posted to at a time, and any number may be.
func TestManyPostsAtATime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ posts, firstWave, secondWave int }{
		{100, 100, 0},
		{maxIdle, maxIdle, 0},
		{500, 500, 500 - maxIdle},
	} {
		t.Run(fmt.Sprint(c.posts), func(t *testing.T) {
			t.Parallel()
			var opened atomic.Int64
			var arrived sync.WaitGroup // holds a wave until all of it has arrived
			stage := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				arrived.Done()
				arrived.Wait()
			}))
			stage.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					opened.Add(1)
				}
			}
			stage.Start()
			defer stage.Close()
			p := NewPoster(config(), stage.URL)
			for wave, want := range []int{c.firstWave, c.secondWave} {
				before := opened.Load()
				arrived.Add(c.posts)
				var wg sync.WaitGroup
				for i := range c.posts {
					wg.Go(func() {
						if err := p.Post(t.Context(), fmt.Sprint("c", i), frame); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if got := opened.Load() - before; got != int64(want) {
					t.Errorf("wave %d of %d posts opened %d sockets, want %d", wave, c.posts, got, want)
				}
				if kept := len(p.sockets.idle); kept != min(c.posts, maxIdle) {
					t.Errorf("keeps %d sockets after %d posts", kept, c.posts)
				}
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	err = NewPoster(config(), "http://"+l.Addr().String()).Post(t.Context(), "c1", frame)
	if err == nil || !strings.Contains(err.Error(), "post to connection c1: connect: ") || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
