package roomlog_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// TestHeadOutlivesItsLog sends to a room by a function that keeps messages for a month, and
// then by one that keeps them for a day: the head is kept as long as the messages. Without
// it the room would count from 1 again, where the old messages are, and no message could be
// stored.
func TestHeadOutlivesItsLog(t *testing.T) {
	const day = 24 * time.Hour
	for name, do := range map[string]func(w *world, short *realtimetest.App){
		"a message after the retention was shortened": func(w *world, short *realtimetest.App) {
			if _, err := short.Publish(w.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "short"}); err != nil {
				w.Error(err)
			}
		},
		"a count of the members": func(w *world, short *realtimetest.App) {
			if err := short.Run(w.Context(), delivery.Job{RoomID: "lobby", Seq: 20, Frame: `{}`, Shards: 1}); err != nil {
				w.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *world) {
				service := func(kept time.Duration) *realtimetest.App {
					return newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
						realtimetest.NoRates(o)
						o.Connections, o.Log, o.Sends, o.Poster = w.Memory, w.Memory, w.Memory, w.Poster
						o.Retention, o.ShardSize = roomlog.Retention{Age: kept, Count: 1000}, 1
					}).App
				}
				for _, id := range []string{"c1", "c2", "c3"} {
					w.AddConnection(id, "ada", "lobby")
				}
				long := service(30 * day)
				for i := range 20 {
					if _, err := long.Publish(w.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: fmt.Sprint(i)}); err != nil {
						w.Fatal(err)
					}
				}
				do(w, service(day))
				time.Sleep(20 * day)
				w.Memory.Sweep()
				r, err := long.Publish(w.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "after a pause"})
				if err != nil || r.Seq <= 20 {
					w.Errorf("got %+v, %v, want a seq above 20", r, err)
				}
			})
		})
	}
}
