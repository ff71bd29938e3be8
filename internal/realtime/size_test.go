package realtime_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// TestRepliesFitInAFrame asks for the largest replies there are, with names of
// the largest characters.
func TestRepliesFitInAFrame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := func(i int) string { return fmt.Sprintf("%03d", i) + strings.Repeat("\U0001F600", protocol.MaxName-3) }
	id := strings.Repeat("\U0001F600", protocol.MaxClientID)
	for i := range 150 {
		w.AddConnection(fmt.Sprintf("c%d", i), name(i), "lobby")
	}
	presence := w.Answer("presence", "c1", fmt.Sprintf(`{"action":"presence","clientId":%q}`, id)).(protocol.Presence)
	if presence.Count != 150 || len(presence.Users) < 20 {
		t.Errorf("presence counts %d and names %d", presence.Count, len(presence.Users))
	}
	var rooms, ids []string
	for i := range 30 {
		rooms = append(rooms, fmt.Sprintf(`{"roomId":%q,"seq":1}`, name(i)))
	}
	for i := range protocol.MaxAckIDs {
		ids = append(ids, fmt.Sprintf("%q", fmt.Sprint(i)+strings.Repeat("\\", 60)))
	}
	for _, reply := range []protocol.Frame{
		presence,
		w.Answer("ping", "c1", fmt.Sprintf(`{"action":"ping","clientId":%q,"rooms":[%s]}`, id, strings.Join(rooms, ","))),
		w.Answer("ackNotification", "c1", fmt.Sprintf(`{"action":"ackNotification","clientId":%q,"ids":[%s]}`, id, strings.Join(ids, ","))),
	} {
		if n := len(realtimetest.Encode(t, reply)); n > protocol.MaxFrame {
			t.Errorf("%T has %d bytes", reply, n)
		}
	}
	many := w.Answer("ping", "c1", fmt.Sprintf(`{"action":"ping","rooms":[%s]}`, strings.Join(append(rooms, strings.Split(strings.Join(rooms, ","), ",")...), ",")))
	if _, ok := many.(protocol.ErrorFrame); !ok {
		t.Errorf("more names than an answer has room for: got %T", many)
	}
}
