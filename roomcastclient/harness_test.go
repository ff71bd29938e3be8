package roomcastclient_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// user is a client with the events that it reported.
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

// inBubble runs a parallel test in a synctest bubble with a server. A goroutine
// that is left at the end fails the test.
func inBubble(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	inBubbleSerial(t, test)
}

// inBubbleSerial is inBubble for a test that is not parallel.
func inBubbleSerial(t *testing.T, test func(t *testing.T, s *server)) {
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

// connect returns a client that is closed at the end of the test.
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
			u.locked(func() { u.messages[m.RoomID] = append(u.messages[m.RoomID], m) })
		},
		OnJoined:   func(j roomcastclient.Joined) { u.locked(func() { u.joined = append(u.joined, j) }) },
		OnState:    func(st roomcastclient.State) { u.locked(func() { u.states = append(u.states, st) }) },
		OnError:    func(err error) { u.locked(func() { u.errors = append(u.errors, err) }) },
		OnRollover: func() { u.locked(func() { u.rollovers++ }) },
		OnLeft:     func(l roomcastclient.Left) { u.locked(func() { u.left = append(u.left, l.RoomID+": "+l.Err.Error()) }) },
		OnCursor:   func(k roomcastclient.Cursor) { u.locked(func() { u.cursors = append(u.cursors, k) }) },
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

func (u *user) locked(f func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	f()
}

// join joins a room and fails the test on an error.
func (u *user) join(roomID string, opts ...roomcastclient.JoinOption) roomcastclient.Joined {
	u.t.Helper()
	joined, err := u.Room(roomID).Join(u.t.Context(), opts...)
	if err != nil {
		u.t.Fatalf("join %s: %v", roomID, err)
	}
	return joined
}

// send sends a message and fails the test on an error.
func (u *user) send(roomID, text string) roomcastclient.Receipt {
	u.t.Helper()
	ack, err := u.Room(roomID).Send(u.t.Context(), text)
	if err != nil {
		u.t.Fatalf("send %s: %v", text, err)
	}
	return ack
}

// texts returns the messages of a room so far, once every goroutine is blocked.
func (u *user) texts(roomID string) []string {
	synctest.Wait()
	var texts []string
	u.locked(func() {
		for _, m := range u.messages[roomID] {
			texts = append(texts, m.Text)
		}
	})
	return texts
}

// got fails the test unless exactly these messages of a room were delivered.
func (u *user) got(roomID string, want ...string) {
	u.t.Helper()
	if texts := u.texts(roomID); !slices.Equal(texts, want) {
		u.t.Errorf("room %s: got %q, want %q", roomID, texts, want)
	}
}

// failures returns the errors reported to OnError, once every goroutine is
// blocked.
func (u *user) failures() (texts []string) {
	synctest.Wait()
	u.locked(func() {
		for _, err := range u.errors {
			texts = append(texts, err.Error())
		}
	})
	return texts
}

// joinedEvents returns the events reported to OnJoined.
func (u *user) joinedEvents() (joined []roomcastclient.Joined) {
	synctest.Wait()
	u.locked(func() { joined = slices.Clone(u.joined) })
	return joined
}

// requestsOf returns the requests of an action so far.
func (s *server) requestsOf(action string) (found []request) {
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

// counts returns the number of handshakes and of connections.
func (s *server) counts() (handshakes, connections int) {
	synctest.Wait()
	s.locked(func() { handshakes, connections = len(s.dials), len(s.peers) })
	return handshakes, connections
}

// say makes the server accept messages of another user, and waits for them to
// arrive.
func (s *server) say(roomID string, texts ...string) {
	for _, text := range texts {
		s.locked(func() { s.appendMessage(roomID, text) })
	}
	synctest.Wait()
}

// sleep lets time pass until every goroutine is blocked again. Only the goroutine
// of the test may call it.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// pass lets time pass until the client has certainly reconnected.
func pass() { sleep(30 * time.Second) }
