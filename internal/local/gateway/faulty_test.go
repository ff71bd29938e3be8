package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// inject returns an injector with one rule.
func inject(t *testing.T, rule faults.Rule) *faults.Injector {
	t.Helper()
	injector := faults.New(1)
	if _, err := injector.Add(rule); err != nil {
		t.Fatal(err)
	}
	injector.Begin()
	return injector
}

func TestFaultsOfPosts(t *testing.T) {
	t.Parallel()
	const post = "PostToConnection"
	tests := []struct {
		name      string
		rule      faults.Rule
		status    int
		errorType string
		arrives   bool // the message reaches the client
		closed    bool // the connection is closed
	}{
		{"other operation", faults.Rule{Operation: "GetConnection", Throttle: true}, 200, "", true, false},
		{"429", faults.Rule{Operation: post, Throttle: true}, 429, "LimitExceededException", false, false},
		{"500", faults.Rule{Operation: post, Status: 500}, 500, "InternalServerErrorException", false, false},
		{"500 after the work", faults.Rule{Operation: post, Status: 500, After: true}, 500, "InternalServerErrorException", true, false},
		{"lost", faults.Rule{Operation: post, Lost: true}, 200, "", false, false},
		{"false 410", faults.Rule{Operation: post, FalselyGone: true}, 410, "GoneException", false, false},
		{"true 410", faults.Rule{Operation: post, Gone: true}, 410, "GoneException", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := startWith(t, Config{Faults: inject(t, tt.rule)})
			c := a.connect(t)
			open := a.onlyConnection(t)
			response, body := a.command(t, http.MethodPost, open.id, "hello")
			if response.StatusCode != tt.status || response.Header.Get("X-Amzn-ErrorType") != tt.errorType {
				t.Errorf("%s %s %s, want %d %s", response.Status, response.Header.Get("X-Amzn-ErrorType"), body, tt.status, tt.errorType)
			}
			if tt.closed {
				if rc := contextOf(t, receive(t, a.disconnected)); *rc.DisconnectStatusCode != int(statusAbnormal) {
					t.Errorf("$disconnect got %d, want 1006", *rc.DisconnectStatusCode)
				}
				return
			}
			if err := open.send([]byte("then")); err != nil {
				t.Fatal(err)
			}
			if got := read(t, c); (got == "hello") != tt.arrives {
				t.Errorf("the client got %q", got)
			}
		})
	}
}

// After a real 410 the connection is closed for all callers.
func TestTrueGoneIsConfirmed(t *testing.T) {
	t.Parallel()
	a := startWith(t, Config{Faults: inject(t, faults.Rule{Operation: "PostToConnection", Gone: true, First: 1})})
	a.connect(t)
	id := a.onlyConnection(t).id
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPost} {
		if response, _ := a.command(t, method, id, ""); response.StatusCode != http.StatusGone {
			t.Errorf("%s: %s", method, response.Status)
		}
	}
}

func TestFalseGoneIsNotConfirmed(t *testing.T) {
	t.Parallel()
	a := startWith(t, Config{Faults: inject(t, faults.Rule{Operation: "PostToConnection", FalselyGone: true})})
	a.connect(t)
	if response, _ := a.command(t, http.MethodGet, a.onlyConnection(t).id, ""); response.StatusCode != http.StatusOK {
		t.Errorf("GET: %s", response.Status)
	}
}

func TestResetPost(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		a := startWith(t, Config{Faults: inject(t, faults.Rule{Operation: "PostToConnection", Reset: true, After: after})})
		c := a.connect(t)
		open := a.onlyConnection(t)
		_, err := a.client.Post(a.url+"/prod/@connections/"+open.id, "", strings.NewReader("hello"))
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the post ends with %v, want a reset", err)
		}
		if err := open.send([]byte("then")); err != nil {
			t.Fatal(err)
		}
		if got := read(t, c); (got == "hello") != after {
			t.Errorf("after %v: the client got %q", after, got)
		}
	}
}

func TestSlowPost(t *testing.T) {
	t.Parallel()
	const wait = 50 * time.Millisecond
	a := startWith(t, Config{Faults: inject(t, faults.Rule{Operation: "PostToConnection", Latency: wait})})
	a.connect(t)
	began := time.Now()
	response, _ := a.command(t, http.MethodPost, a.onlyConnection(t).id, "hello")
	if took := time.Since(began); response.StatusCode != http.StatusOK || took < wait {
		t.Errorf("%s after %v", response.Status, took)
	}
}

// A lost post is seen as one that was not carried out, and answered well. One to
// a connection that is gone, or that is too large, is refused like any other.
func TestALostPost(t *testing.T) {
	t.Parallel()
	var seen []Observation
	a := startWith(t, Config{
		Faults: inject(t, faults.Rule{Lost: true}),
		Observe: func(o Observation) {
			if o.Event == Commanded {
				seen = append(seen, o)
			}
		},
	})
	a.connect(t)
	id := a.onlyConnection(t).id
	a.command(t, http.MethodPost, id, "hello")
	if len(seen) != 1 || seen[0].Result != 0 || seen[0].Answer != http.StatusOK {
		t.Errorf("observed %+v", seen)
	}
	if response, _ := a.command(t, http.MethodPost, id, strings.Repeat("x", maxMessage+1)); response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a message that is too large: %s", response.Status)
	}
	if response, _ := a.command(t, http.MethodPost, newID(), "hello"); response.StatusCode != http.StatusGone {
		t.Errorf("a connection that never was: %s", response.Status)
	}
}

// $disconnect comes while $connect is at work, and the client is cut off. With
// latency it comes before.
func TestEarlyDisconnect(t *testing.T) {
	t.Parallel()
	for name, latency := range map[string]time.Duration{"while": 0, "before": 100 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun, disconnected, ended := make(chan string, 2), make(chan struct{}), make(chan struct{})
			a := startWith(t, Config{Faults: inject(t, faults.Rule{EarlyDisconnect: true, First: 1, Latency: latency})},
				Route{Key: routeConnect, Timeout: testTimeout, Target: invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
					begun <- string(event)
					<-disconnected
					ended <- struct{}{}
					return []byte(`{"statusCode":200}`), nil
				})})
			if _, response, err := a.dial(t, "", nil); err == nil || response != nil {
				t.Errorf("the handshake ends with %v, %v", response, err)
			}
			gone := contextOf(t, receive(t, a.disconnected))
			if latency > 0 && len(begun) > 0 {
				t.Error("$connect has begun before $disconnect came")
			}
			close(disconnected)
			receive(t, ended)
			if connect := contextOf(t, receive(t, begun)); connect.ConnectionID != gone.ConnectionID || *gone.DisconnectStatusCode != int(statusAbnormal) {
				t.Errorf("$connect is about %s, $disconnect about %s with %d", connect.ConnectionID, gone.ConnectionID, *gone.DisconnectStatusCode)
			}
			if a.conns.get(gone.ConnectionID) != nil {
				t.Error("the connection is open")
			}
			go func() { <-ended }()
			a.connect(t) // the next one is well
		})
	}
}

func TestLostDisconnect(t *testing.T) {
	t.Parallel()
	a := startWith(t, Config{Faults: inject(t, faults.Rule{LostDisconnect: true, First: 1})})
	for _, want := range []int{0, 1} {
		c := a.connect(t)
		id := a.onlyConnection(t).id
		if err := c.Close(1000, ""); err != nil {
			t.Fatal(err)
		}
		for a.conns.get(id) != nil {
			time.Sleep(time.Millisecond)
		}
		if want == 1 {
			receive(t, a.disconnected)
		} else if time.Sleep(50 * time.Millisecond); len(a.disconnected) > 0 {
			t.Error("$disconnect ran")
		}
	}
}
