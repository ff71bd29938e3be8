package roomcastclient_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// user is a client with what it was told.
type user struct {
	*roomcastclient.Client
	t *testing.T

	mu            sync.Mutex
	messages      map[string][]roomcastclient.Message // by room
	joined        []roomcastclient.Joined
	states        []roomcastclient.State
	notifications []string
	dropped       []int
	errors        []error
	rollovers     int
	left          []string
	cursors       []roomcastclient.Cursor
}

// alone runs a test in a bubble with a server. A goroutine that is left at its
// end fails it.
func alone(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	aloneHere(t, test)
}

// aloneHere is alone for a test that does not run beside others.
func aloneHere(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		defer func() {
			s.close()
			synctest.Wait()
		}()
		test(t, s)
	})
}

// connect makes a client that is closed with the test.
func connect(t *testing.T, s *server, change ...func(*roomcastclient.Options)) *user {
	t.Helper()
	u := newUser(t)
	u.start(s, change...)
	return u
}

func newUser(t *testing.T) *user {
	return &user{t: t, messages: map[string][]roomcastclient.Message{}}
}

func (u *user) start(s *server, change ...func(*roomcastclient.Options)) {
	u.t.Helper()
	o := roomcastclient.Options{
		URL:        "ws://fake/",
		HTTPClient: s.client(),
		OnMessage: func(m roomcastclient.Message) {
			u.note(func() { u.messages[m.RoomID] = append(u.messages[m.RoomID], m) })
		},
		OnJoined:   func(j roomcastclient.Joined) { u.note(func() { u.joined = append(u.joined, j) }) },
		OnState:    func(st roomcastclient.State) { u.note(func() { u.states = append(u.states, st) }) },
		OnError:    func(err error) { u.note(func() { u.errors = append(u.errors, err) }) },
		OnRollover: func() { u.note(func() { u.rollovers++ }) },
		OnLeft:     func(l roomcastclient.Left) { u.note(func() { u.left = append(u.left, l.RoomID+": "+l.Err.Error()) }) },
		OnCursor:   func(k roomcastclient.Cursor) { u.note(func() { u.cursors = append(u.cursors, k) }) },
	}
	for _, f := range change {
		f(&o)
	}
	if o.URLFunc != nil {
		o.URL = ""
	}
	client, err := roomcastclient.New(o)
	if err != nil {
		u.t.Fatal(err)
	}
	u.Client = client
	u.t.Cleanup(func() { _ = client.Close() })
}

func (u *user) note(f func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	f()
}

// join joins a room and fails the test when it cannot.
func (u *user) join(roomID string, opts ...roomcastclient.JoinOption) roomcastclient.Joined {
	u.t.Helper()
	joined, err := u.Room(roomID).Join(u.t.Context(), opts...)
	if err != nil {
		u.t.Fatalf("join %s: %v", roomID, err)
	}
	return joined
}

// send sends a text and fails the test when it cannot.
func (u *user) send(roomID, text string) roomcastclient.Receipt {
	u.t.Helper()
	ack, err := u.Room(roomID).Send(u.t.Context(), text)
	if err != nil {
		u.t.Fatalf("send %s: %v", text, err)
	}
	return ack
}

// texts returns what came in a room, once everybody has come to rest.
func (u *user) texts(roomID string) []string {
	synctest.Wait()
	var texts []string
	u.note(func() {
		for _, m := range u.messages[roomID] {
			texts = append(texts, m.Text)
		}
	})
	return texts
}

// got fails the test unless exactly these texts came in a room.
func (u *user) got(roomID string, want ...string) {
	u.t.Helper()
	if texts := u.texts(roomID); !slices.Equal(texts, want) {
		u.t.Errorf("room %s: got %q, want %q", roomID, texts, want)
	}
}

// failures returns what OnError was told, once everybody has come to rest.
func (u *user) failures() (texts []string) {
	synctest.Wait()
	u.note(func() {
		for _, err := range u.errors {
			texts = append(texts, err.Error())
		}
	})
	return texts
}

// told returns what OnJoined was told.
func (u *user) told() (joined []roomcastclient.Joined) {
	synctest.Wait()
	u.note(func() { joined = slices.Clone(u.joined) })
	return joined
}

// asked returns the requests of an action.
func (s *server) asked(action string) (found []request) {
	synctest.Wait()
	s.locked(func() {
		for _, r := range s.requests {
			if r.Action == action {
				found = append(found, r)
			}
		}
	})
	return found
}

// reached returns how many handshakes and connections there were.
func (s *server) reached() (handshakes, connections int) {
	synctest.Wait()
	s.locked(func() { handshakes, connections = len(s.dials), len(s.peers) })
	return handshakes, connections
}

// say has the server take messages of somebody else, which arrive.
func (s *server) say(roomID string, texts ...string) {
	for _, text := range texts {
		s.locked(func() { s.append(roomID, text) })
	}
	synctest.Wait()
}

// sleep lets time go by, and everybody come to rest after it. Only the test's
// own goroutine may call it.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// pass lets time go by until the client would certainly have connected again.
func pass() { sleep(30 * time.Second) }
