package fanout

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/lab/bench/member/membertest"
	"github.com/roomcast/roomcast/internal/local/usage"
)

func startRoom(t *testing.T, skip int) Stack {
	t.Helper()
	return Stack{URL: membertest.Start(t, skip), Usage: func() usage.Snapshot { return usage.Snapshot{} }}
}

func TestDeliveriesToRealConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	for skip, missing := range []int{0, 4, 8} { // of two rooms and two messages
		f := Fanout{
			Stack: startRoom(t, skip), Members: []int{10}, RoomSize: 5, ShardSize: 500, Messages: 2, Bytes: 50,
			Timeout: 300 * time.Millisecond, Progress: func(string, ...any) {},
		}
		got, err := f.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := got.Sizes[0]
		if s.Rooms != 2 || s.Missing != missing || s.Doubled != 0 || s.Ack.P50 <= 0 || s.Posts != nil {
			t.Errorf("%d skipped: %+v", skip, s)
		}
		if skip == 0 && (s.Wall.P50 <= 0 || s.Wall.Max > 10_000) {
			t.Errorf("the last delivery took %+v", s.Wall)
		}
	}
}
