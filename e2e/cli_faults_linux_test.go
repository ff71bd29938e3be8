package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// `up --faults` injects the faults of the file, and reports at the end how
// often.
func TestUpInjectsFaults(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "faults.json")
	write(t, file, `{"rules": [
		{"name": "nobody gets in at first", "match": {"function": "Chat/Session"}, "when": {"first": 2}, "fault": {"kill": "before"}},
		{"name": "never", "match": {"service": "sqs"}, "when": {"nth": 1000000}, "fault": {"throttle": true}}
	]}`)
	u := startUp(t, "--assembly", assembly, "--no-site", "--faults", file, "--seed", "7")
	for n := range 3 {
		conn, response, err := websocket.Dial(t.Context(), u.ready.WebSocketURL+"?userId=ada", nil)
		if refused := err != nil && response != nil && response.StatusCode >= 500; refused != (n < 2) {
			t.Errorf("handshake %d: %v, %v", n+1, response, err)
		}
		if err == nil {
			conn.CloseNow()
		}
	}
	if err := u.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := u.Wait(); err != nil {
		t.Error(err)
	}
	for _, line := range []string{"fault nobody gets in at first: injected into 2 of ", "fault never: injected into 0 of "} {
		if said := u.stderr.String(); !strings.Contains(said, line) {
			t.Errorf("it does not say %q:\n%s", line, said)
		}
	}
}
