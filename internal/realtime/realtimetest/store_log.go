package realtimetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
)

// entry returns a message for a room.
func entry(roomID, id string) realtime.Entry {
	return realtime.Entry{
		RoomID: roomID, ID: id, UserID: "ada", Message: "hello \x00 \uffff 😀 " + id,
		Timestamp: noon, ExpiresAt: noon.Add(realtime.LogRetention).Truncate(time.Second),
	}
}

func testLog(s *storeTest) {
	wantHead := func(roomID string, want realtime.Head) {
		s.Helper()
		got, err := s.Log.Head(s.Context(), roomID)
		s.must(err)
		if got != want {
			s.Errorf("head of %s: got %+v, want %+v", roomID, got, want)
		}
	}
	wantHead("lobby", realtime.Head{})
	for seq := int64(1); seq <= 3; seq++ {
		want := realtime.Head{Seq: seq, Epoch: "m1", Shards: 1}
		got, err := s.Log.Append(s.Context(), entry("lobby", fmt.Sprintf("m%d", seq)))
		s.must(err)
		if got != want {
			s.Errorf("append %d: got %+v, want %+v", seq, got, want)
		}
		wantHead("lobby", want)
	}
	wantHead("tea", realtime.Head{})
}

func testAppendsInParallel(s *storeTest) {
	const count = 20
	var mu sync.Mutex
	var seqs []int64
	epochs := map[string]bool{}
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() {
			head, err := s.Log.Append(s.Context(), entry("lobby", fmt.Sprintf("m%d", i)))
			if err != nil {
				s.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			seqs, epochs[head.Epoch] = append(seqs, head.Seq), true
		})
	}
	wg.Wait()
	slices.Sort(seqs)
	for i, seq := range seqs {
		if seq != int64(i+1) {
			s.Fatalf("got the seqs %v, want 1 to %d", seqs, count)
		}
	}
	if len(epochs) != 1 {
		s.Errorf("got %d epochs, want one", len(epochs))
	}
}
