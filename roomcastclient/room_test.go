package roomcastclient_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// journal collects the events of one room handle.
type journal struct {
	mu     sync.Mutex
	events []string
}

// follow registers all callbacks of a room, and returns a function that removes
// them.
func (j *journal) follow(room *roomcastclient.Room) (remove func()) {
	removes := []func(){
		room.OnMessage(func(m roomcastclient.Message) { j.add("%s message %s", m.RoomID, m.Text) }),
		room.OnJoined(func(joined roomcastclient.Joined) { j.add("%s joined at %d", joined.RoomID, joined.Position.Seq) }),
		room.OnLeft(func(l roomcastclient.Left) { j.add("%s left: %s", l.RoomID, roomcastclient.CodeOf(l.Err)) }),
		room.OnCursor(func(c roomcastclient.Cursor) { j.add("%s cursor of %s", c.RoomID, c.UserID) }),
	}
	return func() {
		for _, f := range removes {
			f()
		}
	}
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, fmt.Sprintf(format, args...))
}

// is fails the test unless exactly these events were reported since the last call.
func (j *journal) is(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.events, want) {
		t.Errorf("got %q, want %q", j.events, want)
	}
	j.events = nil
}

func TestRoomHandleReportsOnlyItsRoom(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		lobby, attic := u.Room("lobby"), u.Room("attic")
		var inLobby, inAttic journal
		inLobby.follow(lobby)
		inAttic.follow(attic)
		u.join("lobby")
		u.join("attic")
		inLobby.is(t, "lobby joined at 0")
		inAttic.is(t, "attic joined at 0")

		s.say("lobby", "1", "2")
		s.say("attic", "3")
		s.point("attic", "bob", 1)
		inLobby.is(t, "lobby message 1", "lobby message 2")
		inAttic.is(t, "attic message 3", "attic cursor of bob")

		if err := attic.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.say("lobby", "4")
		s.say("attic", "5")
		inLobby.is(t, "lobby message 4")
		inAttic.is(t)
		u.got("lobby", "1", "2", "4") // Options.OnMessage receives all rooms
		u.got("attic", "3")
		if _, err := attic.Send(t.Context(), "hi"); roomcastclient.CodeOf(err) != roomcastclient.CodeNotInRoom {
			t.Errorf("got %v, want not_in_room", err)
		}
		if at, ok := lobby.Position(); !ok || at.Seq != 3 {
			t.Errorf("the lobby is at %v, %v", at, ok)
		}
		if at, ok := attic.Position(); ok {
			t.Errorf("the attic is at %v, though it was left", at)
		}
	})
}

func TestHandlesOfARoomShareIt(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		var first, second journal
		remove := first.follow(u.Room("lobby"))
		second.follow(u.Room("lobby"))
		joined := u.join("lobby")
		if again := u.join("lobby"); again != joined {
			t.Errorf("got %v, want %v", again, joined)
		}
		s.say("lobby", "1")
		first.is(t, "lobby joined at 0", "lobby message 1")
		second.is(t, "lobby joined at 0", "lobby message 1")
		remove()
		remove() // a second call does nothing
		s.say("lobby", "2")
		first.is(t)
		second.is(t, "lobby message 2")
		if id := u.Room("lobby").ID(); id != "lobby" {
			t.Errorf("got id %q", id)
		}
	})
}

func TestRoomCallbacksSurviveALeave(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		room := u.Room("lobby")
		var events journal
		events.follow(room)
		for seq := range 2 {
			u.join("lobby")
			s.say("lobby", "hi")
			events.is(t, fmt.Sprintf("lobby joined at %d", seq), "lobby message hi")
			if err := room.Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A callback may remove another one, which then misses the same event. A nil callback
// is ignored.
func TestCallbackRemovedByACallback(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		room := u.Room("lobby")
		var got []string
		var remove func()
		room.OnMessage(nil)()
		room.OnMessage(func(m roomcastclient.Message) { got = append(got, "first "+m.Text); remove() })
		remove = room.OnMessage(func(m roomcastclient.Message) { got = append(got, "second "+m.Text) })
		u.join("lobby")
		s.say("lobby", "1", "2")
		if want := []string{"first 1", "first 2"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestRoomReportsThatItWasRevoked(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Minute}
		u := connect(t, s, w.use)
		var inSecret, inLobby journal
		inSecret.follow(u.Room("secret"))
		inLobby.follow(u.Room("lobby"))
		u.join("secret")
		u.join("lobby")
		s.locked(func() { s.revoked = []string{"secret"} })
		sleep(time.Minute)
		inSecret.is(t, "secret joined at 0", "secret left: forbidden")
		inLobby.is(t, "lobby joined at 0")
	})
}

// No event of a room follows the call of Leave, even while the leave waits for the
// server.
func TestNoEventFollowsTheCallOfLeave(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		var events journal
		events.follow(u.Room("lobby"))
		u.join("lobby")
		events.is(t, "lobby joined at 0")
		s.locked(func() { s.script = func(_ *peer, r request) bool { return r.Action == protocol.ActionLeave } })
		done := make(chan error, 1)
		go func() { done <- u.Room("lobby").Leave(t.Context()) }()
		synctest.Wait()
		s.say("lobby", "too late")
		events.is(t)
		s.locked(func() { s.script = nil; s.cutAll() })
		if err := <-done; err != nil {
			t.Error(err)
		}
		events.is(t)
	})
}
