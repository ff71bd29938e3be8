package bench

import (
	"testing"
	"testing/synctest"

	"github.com/roomcast/roomcast/roomcastclient"
)

// TestRecoveryWatch: whatever comes after the first, no callback waits, and the
// first counts.
func TestRecoveryWatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seqs []int64
		want string
	}{
		"all, and more":       {[]int64{5, 6, 7, 7, 7}, ""},
		"a gap":               {[]int64{5, 7, 8, 9}, "got seq 7, want 6"},
		"one before the rest": {[]int64{4, 5, 6, 7}, "got seq 4, want 5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // fails when a callback waits forever
				o, open, done := Recovery{Missed: 3}.watch(roomcastclient.Position{Seq: 4})
				for range 3 {
					o.OnState(roomcastclient.StateOpen)
					o.OnState(roomcastclient.StateReconnecting)
				}
				for _, seq := range test.seqs {
					o.OnMessage(roomcastclient.Message{Seq: seq})
				}
				<-open
				got := ""
				if err := <-done; err != nil {
					got = err.Error()
				}
				if got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}
