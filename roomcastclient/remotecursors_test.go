package roomcastclient_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// point moves the cursor of another user in a room.
func (s *server) point(roomID, userID string, x float64) { s.pointAt(roomID, userID, x, 5) }

// pointAt is point at a time of the server, in ms since 1970.
func (s *server) pointAt(roomID, userID string, x float64, timestamp int64) {
	s.locked(func() {
		s.peers[0].post(protocol.Cursor{RoomID: roomID, UserID: userID, Position: protocol.Position{X: &x, Y: &x}, Color: "red", Timestamp: timestamp})
	})
}

// A position that was overtaken on its way does not move the cursor back.
func TestOlderCursorIsDropped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		u.join("tea")
		for _, move := range []struct {
			room, user string
			at         int64
		}{{"lobby", "bob", 20}, {"lobby", "bob", 10}, {"lobby", "ada", 10}, {"tea", "bob", 10}, {"lobby", "bob", 20}, {"lobby", "bob", 21}} {
			s.pointAt(move.room, move.user, float64(move.at), move.at)
			synctest.Wait()
		}
		var reported []string
		for _, k := range u.cursors {
			reported = append(reported, fmt.Sprint(k.RoomID, " ", k.UserID, " ", k.Timestamp.UnixMilli()))
		}
		want := []string{"lobby bob 20", "lobby ada 10", "tea bob 10", "lobby bob 20", "lobby bob 21"}
		if !slices.Equal(reported, want) {
			t.Errorf("reported %v, want %v", reported, want)
		}
	})
}

func TestCursorsOfOtherUsers(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		for i := range 3 {
			s.point("lobby", "bob", float64(i))
			s.point("elsewhere", "bob", 9)
			synctest.Wait()
		}
		if len(u.cursors) != 3 {
			t.Fatalf("reported %+v", u.cursors)
		}
		last := u.cursors[2]
		x, y, ok := last.Position.Plane()
		if last.RoomID != "lobby" || last.UserID != "bob" || last.Color != "red" || last.Timestamp.UnixMilli() != 5 || x != 2 || y != 2 || !ok {
			t.Errorf("reported %+v", last)
		}
		if _, _, ok := last.Position.Text(); ok {
			t.Error("a place on a plane is a place in a text")
		}
	})
}

// It gets none of a room that was left.
func TestSlowCallbackGetsTheNewestCursors(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		busy := make(chan struct{})
		var reported []string
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.OnCursor = func(k roomcastclient.Cursor) {
				line, _, _ := k.Position.Plane()
				reported = append(reported, k.RoomID+"/"+k.UserID+string(rune('0'+int(line))))
				<-busy
			}
		})
		u.join("lobby")
		u.join("tea")
		for i := range 5 {
			s.point("lobby", "ada", float64(i))
			s.point("lobby", "bob", float64(i))
			s.point("tea", "bob", float64(i))
			synctest.Wait()
		}
		if err := u.Room("tea").Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(busy)
		synctest.Wait()
		if len(reported) != 3 || reported[0] != "lobby/ada0" || reported[1] != "lobby/bob4" || reported[2] != "lobby/ada4" {
			t.Errorf("reported %q", reported)
		}
	})
}
