package apigateway

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// piped returns a poster whose sockets are served by serve without a network, so
// that it can run in a synctest bubble. opened counts the sockets.
func piped(t *testing.T, serve func(conn net.Conn, r *bufio.Reader)) (p *Poster, opened *atomic.Int64) {
	t.Helper()
	p, opened = NewPoster(config(), "http://192.0.2.1"), new(atomic.Int64)
	p.sockets.dial = func(context.Context) (*socket, error) {
		opened.Add(1)
		own, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			serve(theirs, bufio.NewReader(theirs))
		}()
		return &socket{conn: own, raw: own}, nil
	}
	t.Cleanup(func() { p.sockets.expire(len(p.sockets.idle)) })
	return p, opened
}

// TestSlowServers ends posts in time, however a server wastes it.
func TestSlowServers(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(conn net.Conn, r *bufio.Reader){
		"reads nothing": func(conn net.Conn, _ *bufio.Reader) { time.Sleep(time.Minute) },
		"says nothing":  func(conn net.Conn, r *bufio.Reader) { _ = next(r); _ = next(r) },
		"says a byte at a time": func(conn net.Conn, r *bufio.Reader) {
			_ = next(r)
			for i := range okAnswer {
				if _, err := io.WriteString(conn, okAnswer[i:i+1]); err != nil {
					return
				}
				time.Sleep(postTimeout / 20)
			}
		},
		"ends no body": func(conn net.Conn, r *bufio.Reader) {
			_ = next(r)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
			_ = next(r)
		},
	} {
		for _, limit := range []time.Duration{0, time.Second, time.Minute} {
			t.Run(name+" "+limit.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, opened := piped(t, serve)
					ctx, want, is := t.Context(), postTimeout, os.ErrDeadlineExceeded
					if limit > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, limit)
						defer cancel()
					}
					if limit == time.Second {
						want, is = limit, context.DeadlineExceeded
					}
					start := time.Now()
					err := p.Post(ctx, "c1", frame)
					if took := time.Since(start); !errors.Is(err, is) || took != want || opened.Load() != 1 {
						t.Errorf("got %v after %v over %d sockets, want %v after %v", err, took, opened.Load(), is, want)
					}
					time.Sleep(time.Minute) // until the server is through
				})
			})
		}
	}
}

// TestDialsNotForever connects to an address that does not answer.
func TestDialsNotForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := piped(t, nil)
		p.sockets.dial = func(ctx context.Context) (*socket, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		start := time.Now()
		if err := p.Confirm(t.Context(), "c1"); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != postTimeout {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

// TestSocketsGrowOld keeps a socket for some time, and the younger ones when
// the older ones go.
func TestSocketsGrowOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, opened := piped(t, func(conn net.Conn, r *bufio.Reader) {
			for next(r) {
				_, _ = io.WriteString(conn, okAnswer)
			}
		})
		post := func(want int64) {
			t.Helper()
			if err := p.Post(t.Context(), "c1", frame); err != nil {
				t.Fatal(err)
			}
			if opened.Load() != want {
				t.Errorf("opened %d sockets so far, want %d", opened.Load(), want)
			}
		}
		post(1)
		time.Sleep(maxIdleTime)
		post(1)
		time.Sleep(maxIdleTime + 1)
		post(2)

		// A second socket, idle for less long than the first.
		held, err := p.sockets.take(t.Context(), time.Now().Add(time.Second), true)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(maxIdleTime / 2)
		p.sockets.keep(held)
		time.Sleep(maxIdleTime/2 + 1)
		post(3)
		if p.sockets.idle[0] != held || len(p.sockets.idle) != 1 {
			t.Errorf("keeps %d sockets, want the younger one", len(p.sockets.idle))
		}
	})
}

// TestCancelledWhileSending checks the documented behaviour for contexts that are
// cancelled without a deadline.
func TestCancelledWhileSending(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer string
		want   error
	}{
		{"the answer counts", okAnswer, nil},
		{"no second try", "", context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			first := true
			p := listen(t, func(_ int, conn *net.TCPConn, r *bufio.Reader) {
				for next(r) {
					if first {
						first = false
						_, _ = io.WriteString(conn, okAnswer)
						continue
					}
					cancel()
					_, _ = io.WriteString(conn, c.answer)
					return
				}
			})
			if err := p.Post(ctx, "c1", frame); err != nil {
				t.Fatal(err)
			}
			if err := p.Post(ctx, "c1", frame); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
