package roomlog_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// TestNoGap races joins against sends. A message whose sender has its ack has reached a
// member in one of two ways: it was posted to the member, or it was in the answer to the
// join. There is no gap between the two.
func TestNoGap(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, time.Now)
	const senders, messages, joiners = 4, 40, 40 // few enough for a replay of one page
	first := w.PublishText("lobby", "first")
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for m := range messages {
				if _, err := w.Publish(t.Context(), roomlog.Publication{
					RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: fmt.Sprintf("%d-%d", s, m),
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	replays := make([]protocol.Page, joiners)
	for j := range joiners {
		w.AddConnection(fmt.Sprintf("c%d", j), "bob")
		wg.Go(func() {
			time.Sleep(time.Duration(j) * time.Millisecond / 4)
			frame := w.Join(t.Context(), fmt.Sprintf("c%d", j), []byte(fmt.Sprintf(`{"action":"join","roomId":"lobby","since":1,"epoch":%q}`, first.ID)))
			joined, ok := frame.(protocol.Joined)
			if !ok || !joined.Recovered || joined.More {
				t.Errorf("joining: got %+v", frame)
				return
			}
			replays[j] = joined.Page
		})
	}
	wg.Wait()
	for j, replay := range replays {
		got := map[int64]bool{}
		for _, m := range replay.Messages {
			got[m.Seq] = true
		}
		for _, frame := range w.Poster.Posted(fmt.Sprintf("c%d", j)) {
			var m protocol.Message
			if err := json.Unmarshal([]byte(frame), &m); err != nil {
				t.Fatal(err)
			}
			got[m.Seq] = true
		}
		for seq := int64(2); seq <= 1+senders*messages; seq++ {
			if !got[seq] {
				t.Errorf("c%d has neither a post nor a replay of seq %d", j, seq)
			}
		}
	}
}
