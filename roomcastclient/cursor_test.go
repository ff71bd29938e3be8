package roomcastclient_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// moved returns the x of every cursorMove so far.
func (s *server) moved() (xs []float64) {
	for _, r := range s.requestsOf(protocol.ActionCursorMove) {
		xs = append(xs, *r.Position.X)
	}
	return xs
}

// move moves the cursor and fails the test on an error.
func (u *user) move(x float64) {
	u.t.Helper()
	if err := u.Room("lobby").MoveCursor(roomcastclient.PlanePosition(x, 0), ""); err != nil {
		u.t.Fatal(err)
	}
}

// wander moves the cursor once a millisecond, to 0, 1, 2 and so on.
func (u *user) wander(milliseconds int) {
	u.t.Helper()
	for x := range milliseconds {
		u.move(float64(x))
		sleep(time.Millisecond)
	}
}

// movedTo fails the test unless exactly these positions arrived.
func (s *server) movedTo(t *testing.T, want ...float64) {
	t.Helper()
	if xs := s.moved(); !slices.Equal(xs, want) {
		t.Errorf("the cursor moved to %v, want %v", xs, want)
	}
}

// count sets the number of members that the server reports for the lobby.
func (s *server) count(members int) { s.locked(func() { s.room("lobby").counted = members }) }

func TestNewestMoveIsSentOnceAnInterval(t *testing.T) {
	for members, interval := range map[int]int{0: 50, 1: 50, 100: 50, 101: 100, 250: 150, 1000: 500} {
		t.Run(fmt.Sprintf("%d members", members), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				s.count(members)
				u := connect(t, s)
				u.join("lobby")
				u.wander(2 * interval)
				sleep(time.Second)
				s.movedTo(t, 0, float64(interval-1), float64(2*interval-1))
			})
		})
	}
}

func TestMoveCarriesPositionAndColor(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		if err := u.Room("lobby").MoveCursor(roomcastclient.TextPosition(5, 12), "#db2777"); err != nil {
			t.Fatal(err)
		}
		line, column := 5.0, 12.0
		moves := s.requestsOf(protocol.ActionCursorMove)
		want := protocol.Position{Line: &line, Column: &column}
		if len(moves) != 1 || !reflect.DeepEqual(moves[0].Position, want) || moves[0].Color != "#db2777" || moves[0].RoomID != "lobby" {
			t.Errorf("got %+v", moves)
		}
	})
}

func TestMoveIntervalGrowsWithTheRoom(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) { o.PingInterval = time.Second })
		u.join("lobby")
		s.count(1_000_000)
		sleep(2 * time.Second)
		u.move(1)
		u.move(2)
		sleep(10 * time.Second)
		s.movedTo(t, 1)
		// In a room that has become small the current interval is shortened.
		s.count(10)
		sleep(2 * time.Second)
		s.movedTo(t, 1, 2)
		// A pong without a number changes nothing.
		s.count(200)
		sleep(2 * time.Second)
		s.count(0)
		sleep(2 * time.Second)
		u.wander(150)
		s.movedTo(t, 1, 2, 0, 99)
	})
}

func TestMoveIsDroppedWithoutAConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() {
			s.refuse = true
			s.cutAll()
		})
		sleep(time.Millisecond)
		u.move(1)
		s.locked(func() { s.refuse = false })
		pass()
		s.movedTo(t)
	})
}

func TestMoveIsDroppedUntilTheRoomIsJoinedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() {
			s.script = func(_ *peer, r request) bool { return r.Action == protocol.ActionJoin }
			s.cutAll()
		})
		sleep(5 * time.Second)
		if dials := len(s.dials); dials != 2 {
			t.Fatalf("%d connections, want a second one", dials)
		}
		u.move(1)
		s.locked(func() { s.script = nil })
		pass()
		s.movedTo(t)
	})
}

func TestLeaveDropsPendingMove(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() {
			s.script = func(_ *peer, r request) bool { return r.Action == protocol.ActionSendMessage }
		})
		go func() { _, _ = u.Room("lobby").Send(t.Context(), "the leave waits for its ack") }()
		if sends := s.requestsOf(protocol.ActionSendMessage); len(sends) != 1 {
			t.Fatalf("%d messages sent, want one", len(sends))
		}
		u.move(1)
		u.move(2)
		left := make(chan error, 1)
		go func() { left <- u.Room("lobby").Leave(t.Context()) }()
		sleep(time.Second)
		s.locked(func() { s.script = nil })
		if err := <-left; err != nil {
			t.Error(err)
		}
		s.movedTo(t, 1)
	})
}

// While the network accepts nothing, messages wait, and a move is not queued
// behind them.
func TestMoveWaitsForABacklog(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		rooms := strings.Fields("lobby a b c d e f")
		for _, room := range rooms {
			u.join(room)
		}
		release := make(chan struct{})
		s.locked(func() {
			s.script = func(*peer, request) bool {
				<-release // the connection is read no further
				return false
			}
		})
		sent := make(chan error, len(rooms))
		for _, room := range rooms {
			go func() {
				_, err := u.Room(room).Send(t.Context(), strings.Repeat("x", 16<<10))
				sent <- err
			}()
		}
		time.Sleep(time.Millisecond) // the server's lock is held
		u.move(1)
		time.Sleep(time.Second)
		u.move(2)
		close(release)
		for range rooms {
			if err := <-sent; err != nil {
				t.Error(err)
			}
		}
		sleep(time.Second)
		s.movedTo(t, 2)
	})
}

func TestMoveCursorChecksItsArguments(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		here := roomcastclient.PlanePosition(1, 1)
		for name, c := range map[string]struct {
			room, color string
			to          roomcastclient.CursorPosition
			code        string
		}{
			"nowhere":          {"lobby", "", roomcastclient.CursorPosition{}, "bad_field"},
			"a long colour":    {"lobby", strings.Repeat("x", 33), here, "bad_field"},
			"no name":          {"", "", here, "bad_field"},
			"a room elsewhere": {"tea", "", here, "not_in_room"},
		} {
			var e *roomcastclient.Error
			if err := u.Room(c.room).MoveCursor(c.to, c.color); !errors.As(err, &e) || string(e.Code) != c.code {
				t.Errorf("%s: got %v, want %s", name, err, c.code)
			}
		}
		if err := u.Room("lobby").MoveCursor(roomcastclient.PlanePosition(math.NaN(), 1), ""); err == nil {
			t.Error("a position that is not a number was accepted")
		}
		_ = u.Close()
		if err := u.Room("lobby").MoveCursor(here, ""); roomcastclient.CodeOf(err) != roomcastclient.CodeClosed {
			t.Errorf("after Close: got %v", err)
		}
		s.movedTo(t)
	})
}
