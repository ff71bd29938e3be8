package gateway

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

func TestTimeLimitsAreAWSsByDefault(t *testing.T) {
	t.Parallel()
	api := start(t)
	if idle, age := api.cfg.IdleTimeout, api.cfg.MaxAge; idle != 10*time.Minute || age != 2*time.Hour {
		t.Errorf("idle timeout %v, maximum age %v", idle, age)
	}
}

func TestTimeLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cfg  Config
		keep func(*testing.T, *testAPI, net.Conn, string) // called until the connection ends
		min  time.Duration
	}{
		{"idle", Config{IdleTimeout: 100 * time.Millisecond}, nil, 100 * time.Millisecond},
		{"pings do not count", Config{IdleTimeout: 100 * time.Millisecond}, func(_ *testing.T, _ *testAPI, c net.Conn, _ string) {
			_, _ = c.Write(masked(ws.OpPing, true, nil)) // fails when the server has closed
		}, 100 * time.Millisecond},
		{"messages count, age ends it", Config{IdleTimeout: time.Second, MaxAge: 2 * time.Second}, func(_ *testing.T, _ *testAPI, c net.Conn, _ string) {
			_, _ = c.Write(masked(ws.OpText, true, nil))
		}, 2 * time.Second},
		{"posts count, age ends it", Config{IdleTimeout: time.Second, MaxAge: 2 * time.Second}, func(t *testing.T, a *testAPI, _ net.Conn, id string) {
			a.command(t, http.MethodPost, id, "x")
		}, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := startWith(t, tt.cfg, Route{Key: "$default"})
			began := time.Now()
			conn := api.connectRaw(t)
			id := api.onlyConnection(t).id
			stop := make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				for tt.keep != nil {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Millisecond):
						tt.keep(t, api, conn, id)
					}
				}
			}()
			f := readFrame(t, conn)
			for f.Header.OpCode != ws.OpClose {
				f = readFrame(t, conn)
			}
			close(stop)
			<-done
			if code, reason := ws.ParseCloseFrameData(f.Payload); code != 1001 || reason != "Going away" {
				t.Errorf("closed with %d %q, want 1001", code, reason)
			}
			if open := time.Since(began); open < tt.min {
				t.Errorf("closed after %v, want at least %v", open, tt.min)
			}
			_, _ = conn.Write(masked(ws.OpClose, true, nil))
			rc := contextOf(t, receive(t, api.disconnected))
			if *rc.DisconnectStatusCode != 1001 || *rc.DisconnectReason != "Going away" {
				t.Errorf("$disconnect got %d %q", *rc.DisconnectStatusCode, *rc.DisconnectReason)
			}
		})
	}
}
