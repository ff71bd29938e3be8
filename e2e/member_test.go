package e2e_test

import (
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcastclient"
	"github.com/roomcast/roomcast/roomcasttest"
)

// unlimited lifts the rate limit of messages, for a test of something else.
var unlimited = roomcasttest.WithEnvironment(settings.MessageRate, "0")

// member is a Go client that records what it receives.
type member struct {
	*roomcastclient.Client
	mu       sync.Mutex
	messages []roomcastclient.Message
	notes    []roomcastclient.Notification
}

// newMember connects a user. change may alter its options.
func newMember(t testing.TB, stack *roomcasttest.Stack, userID string, change ...func(*roomcastclient.Options)) *member {
	t.Helper()
	m := &member{}
	o := roomcastclient.Options{
		URL: stack.WebSocketURL(), UserID: userID,
		RetryBase: 50 * time.Millisecond, RetryMax: 500 * time.Millisecond, RequestTimeout: 3 * time.Second,
		OnMessage: func(msg roomcastclient.Message) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.messages = append(m.messages, msg)
		},
		OnNotification: func(n roomcastclient.Notification) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.notes = append(m.notes, n)
		},
	}
	for _, f := range change {
		f(&o)
	}
	c, err := roomcastclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	m.Client = c
	return m
}

func (m *member) join(t testing.TB, roomID string, opts ...roomcastclient.JoinOption) roomcastclient.Joined {
	t.Helper()
	joined, err := m.Room(roomID).Join(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return joined
}

func (m *member) send(t testing.TB, roomID, text string) roomcastclient.Receipt {
	t.Helper()
	ack, err := m.Room(roomID).Send(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return ack
}

// seqs returns the seqs of the messages that the member received, in order.
func (m *member) seqs() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var seqs []int64
	for _, msg := range m.messages {
		seqs = append(seqs, msg.Seq)
	}
	return seqs
}

// ids returns the ids of the messages that the member received, in order.
func (m *member) ids() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, msg := range m.messages {
		ids = append(ids, msg.ID)
	}
	return ids
}

// notifications returns the member's notifications, in order.
func (m *member) notifications() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var texts []string
	for _, n := range m.notes {
		texts = append(texts, string(n.Data))
	}
	return texts
}
