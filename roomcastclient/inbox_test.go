package roomcastclient_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// online connects a client that reads its inbox.
func online(t *testing.T, s *server) *user {
	u := newUser(t)
	u.start(s, func(o *roomcastclient.Options) {
		o.OnNotification = func(n roomcastclient.Notification) {
			u.locked(func() { u.notifications = append(u.notifications, n.ID) })
		}
		o.OnDropped = func(n int) { u.locked(func() { u.dropped = append(u.dropped, n) }) }
	})
	return u
}

func (u *user) notified(want ...string) {
	u.t.Helper()
	synctest.Wait()
	if !slices.Equal(u.notifications, want) {
		u.t.Errorf("notified of %q, want %q", u.notifications, want)
	}
}

func TestInboxIsDeliveredInOrderOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.page = 2
		for range 5 {
			s.notify("1")
		}
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionInbox && r.Since != nil && len(s.inbox) == 5 {
				s.notify("1") // n000006 comes live, before the pages are read
				p.post(s.inbox[0])
			}
			return false
		}
		u := online(t, s)
		want := []string{"n000001", "n000002", "n000003", "n000004", "n000005", "n000006"}
		synctest.Wait()
		u.notified(want...)
		s.locked(func() {
			s.peers[0].post(s.inbox[5]) // a copy
			s.notify("1")
		})
		want = append(want, "n000007")
		u.notified(want...)
		// On a new connection the inbox is read again.
		s.locked(func() { s.cutAll(); s.notify("1") })
		pass()
		u.notified(append(want, "n000008")...)
		if err := u.Rollover(t.Context()); err != nil {
			t.Fatal(err)
		}
		u.notified(append(want, "n000008")...)
		if n := len(s.requestsOf(protocol.ActionInbox)); n != 3+4+4 {
			t.Errorf("%d pages were read, want 11", n)
		}
	})
}

// Ids may be forgotten, but not while they are in the inbox.
func TestLargeInboxIsDeliveredOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		for range 1200 {
			s.notify("1")
		}
		u := online(t, s)
		for range 2 {
			pass()
			s.locked(func() { s.cutAll() })
		}
		pass()
		if len(u.notifications) != 1200 || !slices.IsSorted(u.notifications) {
			t.Errorf("notified %d times, want 1200 times in order", len(u.notifications))
		}
	})
}

// What an interrupted reading found is not delivered again.
func TestInterruptedInboxReadStartsOver(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		for range 1200 {
			s.notify("1")
		}
		pages := 0
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionInbox {
				pages++
			}
			if pages == 12 {
				p.cut()
			}
			return false
		}
		u := online(t, s)
		pass()
		if len(u.notifications) != 1200 || !slices.IsSorted(u.notifications) {
			t.Errorf("notified %d times, want 1200 times in order", len(u.notifications))
		}
	})
}

func TestAcknowledge(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		for range 250 {
			s.notify("1")
		}
		u := online(t, s)
		synctest.Wait()
		ids := append([]string{"n000007"}, u.notifications...)
		lost := false
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				if r.Action != protocol.ActionAckNotification || lost {
					return false
				}
				lost = true
				p.mute = true
				s.answer(p, r) // carried out, but the answer is lost
				p.cut()
				return true
			}
		})
		if err := u.Acknowledge(t.Context(), ids...); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(s.inbox) != 0 {
			t.Errorf("%d are left in the inbox", len(s.inbox))
		}
		for _, r := range s.requestsOf(protocol.ActionAckNotification) {
			if len(r.IDs) > 100 {
				t.Errorf("%d ids at once", len(r.IDs))
			}
		}
	})
}

func TestDroppedNotificationsAreReported(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.dropped = 3
		u := online(t, s)
		pass()
		s.locked(func() { s.cutAll() })
		pass()
		if !slices.Equal(u.dropped, []int{3}) || s.dropped != 0 {
			t.Errorf("reported %v, %d are not acknowledged", u.dropped, s.dropped)
		}
	})
}

// A report is not acknowledged before the callback has returned, because the
// program may end before.
func TestDroppedNotificationsAreAcknowledgedAfterTheCallback(t *testing.T) {
	for name, replaced := range map[string]bool{"on the same connection": false, "on the next": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				s.dropped = 3
				reported, free := make(chan int, 10), make(chan struct{})
				u := newUser(t)
				u.start(s, func(o *roomcastclient.Options) {
					o.OnNotification = func(roomcastclient.Notification) {}
					o.OnDropped = func(n int) { reported <- n; <-free }
				})
				pass()
				if acks := s.requestsOf(protocol.ActionAckNotification); len(reported) != 1 || len(acks) != 0 {
					t.Errorf("reported %d times, %d acks while the callback runs", len(reported), len(acks))
				}
				if replaced {
					if err := u.Rollover(t.Context()); err != nil {
						t.Fatal(err)
					}
					synctest.Wait() // the inbox is read again
				}
				close(free)
				synctest.Wait()
				acks := s.requestsOf(protocol.ActionAckNotification)
				if len(acks) != 1 || acks[0].DroppedUpTo != 3 || s.dropped != 0 {
					t.Errorf("acknowledged %+v, %d are left", acks, s.dropped)
				}
			})
		})
	}
}

func TestInboxIsNotReadWithoutACallback(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.notify("1")
		connect(t, s)
		pass()
		if pages := s.requestsOf(protocol.ActionInbox); len(pages) > 0 {
			t.Errorf("read %+v", pages)
		}
	})
}

func TestUnreadableInboxBlocksNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if r.Action != protocol.ActionInbox {
				return false
			}
			s.notify("1")
			p.refuse(r, protocol.CodeUnknownAction, 0)
			return true
		}
		u := online(t, s)
		synctest.Wait()
		u.notified("n000001")
		if len(u.errors) != 1 {
			t.Errorf("errors %v", u.errors)
		}
	})
}

func TestNotify(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if len(s.requests) == 1 {
				p.cut()
			}
			return false
		}
		u := connect(t, s)
		ack, err := u.Notify(t.Context(), []string{"bob"}, map[string]int{"order": 7})
		if err != nil || ack.ID == "" || ack.Delivered == 0 || ack.Timestamp.IsZero() {
			t.Errorf("got %+v, %v", ack, err)
		}
		sent := s.requestsOf(protocol.ActionNotify)
		if len(sent) != 2 || sent[0].ClientID != sent[1].ClientID || sent[0].ClientID != ack.IdempotencyKey || string(sent[1].Notification) != `{"order":7}` {
			t.Errorf("sent %+v", sent)
		}
		if _, err := u.Notify(t.Context(), nil, 1); err == nil {
			t.Error("a notification without users was accepted")
		}
		if _, err := u.Notify(t.Context(), []string{"bob"}, func() {}); err == nil {
			t.Error("sent a function")
		}
		s.locked(func() { s.script = func(*peer, request) bool { return true } })
		start := time.Now()
		if _, err := u.Notify(t.Context(), []string{"bob"}, fmt.Sprint(1)); roomcastclient.CodeOf(err) != roomcastclient.CodeOutcomeUnknown {
			t.Errorf("got %v after %v, want outcome_unknown", err, time.Since(start))
		}
	})
}
