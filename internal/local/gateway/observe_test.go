package gateway

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// notebook collects observations as lines.
type notebook struct {
	mu    sync.Mutex
	lines []string
}

func (n *notebook) write(o Observation) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch o.Event {
	case Opened:
		n.lines = append(n.lines, "opened by "+o.Query.Get("userId"))
	case Received:
		n.lines = append(n.lines, "received "+string(o.Frame))
	case Answered:
		n.lines = append(n.lines, "answered "+string(o.Frame))
	case Commanded:
		n.lines = append(n.lines, fmt.Sprintf("%s %s %s %d %d", o.Caller, o.Operation, o.Frame, o.Result, o.Answer))
	case Closed:
		n.lines = append(n.lines, "closed")
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	const post = "Poster PostToConnection"
	injector := faults.New(1)
	for n, rule := range []faults.Rule{{Status: 500}, {Status: 500, After: true}, {Reset: true}, {FalselyGone: true}} {
		rule.Operation, rule.Nth = "PostToConnection", n+2
		if _, err := injector.Add(rule); err != nil {
			t.Fatal(err)
		}
	}
	injector.Begin()
	var seen notebook
	a := startWith(t, Config{Faults: injector, Observe: seen.write, Authorize: func(*http.Request, []byte, string, string) (string, *Denial) {
		return "Poster", nil
	}},
		Route{Key: "echo", Target: answers(`{"statusCode":200,"body":"echoed"}`), ReturnResponse: true})
	c, _, err := a.dial(t, "?userId=ada", nil)
	if err != nil {
		t.Fatal(err)
	}
	id := a.onlyConnection(t).id
	write(t, c, `{"action":"echo"}`)
	read(t, c)
	for n := range 5 {
		if n == 3 {
			_, _ = a.client.Post(a.url+"/prod/@connections/"+id, "", nil) // is cut off
			continue
		}
		a.command(t, http.MethodPost, id, fmt.Sprint("p", n))
	}
	a.command(t, http.MethodGet, id, "")
	if err := c.Close(1000, ""); err != nil {
		t.Fatal(err)
	}
	receive(t, a.disconnected)
	want := []string{
		"opened by ada", `received {"action":"echo"}`, "answered echoed",
		post + " p0 200 200", post + " p1 0 500", post + " p2 200 500", post + "  0 0", post + " p4 0 410",
		"Poster GetConnection  200 200", "closed",
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if !slices.Equal(seen.lines, want) {
		t.Errorf("observed %q\nwant %q", seen.lines, want)
	}
}

// A post whose caller hangs up while it is delayed is observed as well.
func TestObserveHangUp(t *testing.T) {
	t.Parallel()
	injector := faults.New(1)
	if _, err := injector.Add(faults.Rule{Operation: "PostToConnection", Latency: time.Minute}); err != nil {
		t.Fatal(err)
	}
	injector.Begin()
	var seen notebook
	a := startWith(t, Config{Faults: injector, Observe: seen.write}, Route{Key: "$default", Target: answers(`{"statusCode":200}`)})
	if _, _, err := a.dial(t, "?userId=ada", nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/prod/@connections/"+a.onlyConnection(t).id, strings.NewReader("late"))
	if err != nil {
		t.Fatal(err)
	}
	if response, err := a.client.Do(request); err == nil {
		_ = response.Body.Close()
		t.Fatalf("the delayed post was answered with %s", response.Status)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		seen.mu.Lock()
		found := slices.Contains(seen.lines, " PostToConnection late 0 0")
		seen.mu.Unlock()
		if found {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the post was not observed, only %q", seen.lines)
		}
	}
}
