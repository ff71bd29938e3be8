package roomcastclient_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/lab/hostile"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// A thousand calls with random arguments leave a client connected. Nothing that
// the server would refuse for its shape or size reaches it.
func TestHostileCalls(t *testing.T) {
	for seed := range uint64(5) {
		serialSubtest(t, func(t *testing.T, s *server) {
			s.locked(func() {
				s.script = func(p *peer, r request) bool {
					if err := protocol.CheckFrame(r.raw); err != nil {
						t.Errorf("sent %.200q: %v", r.raw, err)
					}
					if !slices.Contains(protocol.Actions, r.Action) {
						p.refuse(r, protocol.CodeUnknownAction, 0)
						return true
					}
					return false
				}
			})
			u := connect(t, s, func(o *roomcastclient.Options) { o.MaxQueued = 2000 })
			u.join("lobby")
			refused := 0
			for _, call := range hostile.Calls(seed, 1000, "lobby") {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				err := call.Do(ctx, u.Client)
				cancel()
				var e *roomcastclient.Error
				if err != nil && !errors.As(err, &e) {
					t.Errorf("%s: got %v, want an Error at once", call.Name, err)
				}
				if err != nil {
					refused++
				}
			}
			synctest.Wait()
			u.send("lobby", "still here")
			texts := u.texts("lobby")
			if handshakes, _ := s.counts(); handshakes != 1 || len(u.failures()) > 0 || texts[len(texts)-1] != "still here" {
				t.Errorf("%d handshakes, reported %q", handshakes, u.failures())
			}
			if refused < 300 || refused > 950 {
				t.Errorf("%d of 1,000 calls were refused: the table tests nothing", refused)
			}
		})
	}
}
