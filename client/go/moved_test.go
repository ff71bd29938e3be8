package roomcast_test

import (
	"testing"
	"testing/synctest"

	roomcast "github.com/roomcast/roomcast/client/go"
	"github.com/roomcast/roomcast/internal/protocol"
)

// point has somebody move a cursor in a room.
func (s *server) point(roomID, userID string, x float64) {
	s.locked(func() {
		s.peers[0].post(protocol.Cursor{RoomID: roomID, UserID: userID, Position: protocol.Position{X: &x, Y: &x}, Color: "red", Timestamp: 5})
	})
}

func TestCursorsOfOthers(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby", nil)
		for i := range 3 {
			s.point("lobby", "bob", float64(i))
			s.point("elsewhere", "bob", 9)
			synctest.Wait()
		}
		if len(u.cursors) != 3 {
			t.Fatalf("told %+v", u.cursors)
		}
		last := u.cursors[2]
		x, y, ok := last.Position.Plane()
		if last.RoomID != "lobby" || last.UserID != "bob" || last.Color != "red" || last.Timestamp.UnixMilli() != 5 || x != 2 || y != 2 || !ok {
			t.Errorf("told %+v", last)
		}
		if _, _, ok := last.Position.Text(); ok {
			t.Error("a place on a plane is a place in a text")
		}
	})
}

// TestASlowListenerGetsTheNewestCursors, and none of a room that was left.
func TestASlowListenerGetsTheNewestCursors(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		busy := make(chan struct{})
		var told []string
		u := connect(t, s, func(o *roomcast.Options) {
			o.OnCursor = func(k roomcast.Cursor) {
				line, _, _ := k.Position.Plane()
				told = append(told, k.RoomID+"/"+k.UserID+string(rune('0'+int(line))))
				<-busy
			}
		})
		u.join("lobby", nil)
		u.join("tea", nil)
		for i := range 5 {
			s.point("lobby", "ada", float64(i))
			s.point("lobby", "bob", float64(i))
			s.point("tea", "bob", float64(i))
			synctest.Wait()
		}
		if err := u.Leave(t.Context(), "tea"); err != nil {
			t.Fatal(err)
		}
		close(busy)
		synctest.Wait()
		if len(told) != 3 || told[0] != "lobby/ada0" || told[1] != "lobby/bob4" || told[2] != "lobby/ada4" {
			t.Errorf("told %q", told)
		}
	})
}
