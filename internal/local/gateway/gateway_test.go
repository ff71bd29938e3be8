package gateway

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	valid := Config{Stage: "prod", RouteSelection: "$request.body.action"}
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no stage", func(c *Config) { c.Stage = "" }, `stage ""`},
		{"stage with a slash", func(c *Config) { c.Stage = "a/b" }, `stage "a/b"`},
		{"no route selection", func(c *Config) { c.RouteSelection = "" }, "expected an expression such as"},
		{"other variable", func(c *Config) { c.RouteSelection = "$context.stage" }, `invalid variable "context.stage"`},
		{"negative idle timeout", func(c *Config) { c.IdleTimeout = -1 }, "expected positive durations"},
		{"mislabelled route", func(c *Config) { c.Routes = map[string]Route{"a": {Key: "b"}} }, `invalid route "b": it is listed under the key "a"`},
		{"long stage", func(c *Config) { c.Stage = strings.Repeat("a", 129) }, `expected 1 to 128 letters`},
		{"key with a dollar sign", func(c *Config) { c.Routes = map[string]Route{"$own": {Key: "$own"}} }, "expected a key without a leading dollar sign"},
		{"short integration", func(c *Config) {
			c.Routes = map[string]Route{"a": {Key: "a", Timeout: 49 * time.Millisecond}}
		}, "49ms of route \"a\": expected 50ms to 29s"},
		{"slow integration", func(c *Config) {
			c.Routes = map[string]Route{"a": {Key: "a", Timeout: 30 * time.Second}}
		}, "30s of route \"a\": expected 50ms to 29s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := valid
			tt.change(&cfg)
			_, err := New(cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestOtherPathsAreForbidden(t *testing.T) {
	t.Parallel()
	api := start(t)
	for _, path := range []string{"/", "/dev", "/production", "/prod/x", "/prod/@connections", "/prod/@connections/", "/@connections/abcd"} {
		response, body := api.request(t, http.MethodGet, path, "")
		if response.StatusCode != http.StatusForbidden || !strings.Contains(body, "No method found") {
			t.Errorf("%s: %d %s, want 403", path, response.StatusCode, body)
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	hangs := invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		close(started)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	var disconnects atomic.Int32
	counts := invokerFunc(func(context.Context, []byte) ([]byte, error) {
		disconnects.Add(1)
		return []byte(`{"statusCode":200}`), nil
	})
	api := start(t, Route{Key: "$default", Target: hangs}, Route{Key: "$disconnect", Target: counts})
	c := api.connect(t)
	write(t, c, "hang")
	receive(t, started)

	closed := make(chan struct{})
	go func() {
		api.Close()
		close(closed)
	}()
	if code, _ := readClose(t, c); code != websocket.StatusGoingAway {
		t.Errorf("closed with %d, want 1001", code)
	}
	receive(t, closed)
	if _, response, err := api.dial(t, "", nil); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a handshake after Close: %v, %v, want 503", response, err)
	}
	if disconnects.Load() > 0 {
		t.Error("$disconnect ran")
	}
	api.Close()
}
