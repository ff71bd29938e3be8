package e2e_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/lab/hostile"
	"github.com/roomcast/roomcast/roomcastclient"
	"github.com/roomcast/roomcast/roomcasttest"
)

// A thousand calls with arbitrary arguments leave a client of the real stack
// connected, and do not affect other clients.
func TestAThousandHostileCallsLeaveAClientConnected(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly, unlimited)
	var mu sync.Mutex
	var states []roomcastclient.State
	ada := newMember(t, stack, "ada", func(o *roomcastclient.Options) {
		o.MaxQueued = 1000
		o.OnState = func(s roomcastclient.State) {
			mu.Lock()
			defer mu.Unlock()
			states = append(states, s)
		}
	})
	bob := newMember(t, stack, "bob")
	ada.join(t, "lobby")
	bob.join(t, "lobby")
	calls := make(chan hostile.Call)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for call := range calls {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				err := call.Do(ctx, ada.Client)
				cancel()
				var refused *roomcastclient.Error
				if err != nil && !errors.As(err, &refused) {
					t.Errorf("%s: %v", call.Name, err)
				}
			}
		})
	}
	for _, call := range hostile.Calls(1, 1000, "lobby") {
		calls <- call
	}
	close(calls)
	workers.Wait()
	if err := ada.CheckConnection(t.Context()); err != nil {
		t.Error(err)
	}
	last := ada.send(t, "lobby", "still here").Seq
	roomcasttest.Eventually(t, "bob has the last message", func() bool {
		seqs := bob.seqs()
		return len(seqs) > 0 && seqs[len(seqs)-1] == last
	})
	mu.Lock()
	defer mu.Unlock()
	if want := []roomcastclient.State{roomcastclient.StateConnecting, roomcastclient.StateOpen}; !slices.Equal(states, want) {
		t.Errorf("the client was %v, want %v", states, want)
	}
}
