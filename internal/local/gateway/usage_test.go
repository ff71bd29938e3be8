package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/usage"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	meter := usage.New()
	a := startWith(t, Config{Meter: meter, Authorize: func(*http.Request, []byte, string, string) (string, *Denial) {
		return "Poster", nil
	}}, Route{Key: "echo", Function: "Echo", Target: answers(`{"statusCode":200,"body":"` + strings.Repeat("x", 33<<10) + `"}`), ReturnResponse: true})
	c := a.connect(t)
	id := a.onlyConnection(t).id
	write(t, c, `{"action":"echo"}`)
	read(t, c)
	write(t, c, `{"action":"nothing"}`) // is answered Forbidden
	read(t, c)
	a.command(t, http.MethodPost, id, "hello")
	a.command(t, http.MethodPost, id, strings.Repeat("x", maxMessage+1)) // refused: not a message
	a.command(t, http.MethodGet, id, "")
	if err := c.Close(1000, ""); err != nil {
		t.Fatal(err)
	}
	receive(t, a.disconnected)
	got := meter.Snapshot().WebSocket
	if got.MessagesIn != 2 || got.MessagesOut != 4 || got.Connections != 1 || got.ConnectionMinutes != 1 {
		t.Errorf("counted %+v, want 2 messages in, 4 out and 1 connection for 1 minute", got)
	}
	out := map[string]int64{}
	for _, r := range got.Routes {
		out[r.Route] = r.Out
	}
	if out["Echo"] != 2 || out["Poster"] != 1 {
		t.Errorf("messages out by function: %v", out)
	}
	meter.Reset()
	time.Sleep(time.Millisecond)
	if got := meter.Snapshot().WebSocket.ConnectionMinutes; got != 0 {
		t.Errorf("%d minutes of connections that are closed", got)
	}
}
