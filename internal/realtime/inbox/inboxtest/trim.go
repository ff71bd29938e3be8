package inboxtest

import (
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var trimTests = storetest.Cases[*storeTest]{
	"the oldest notifications are dropped":  testTrim,
	"a flood drops its own notifications":   testTrimFlood,
	"dropping more than one batch":          testTrimMany,
	"trimming what holds less":              testTrimNothing,
	"dropped notifications are forgiven":    testAcknowledgeDropped,
	"dropping at the same time":             testTrimsConcurrently,
	"keeping and dropping at the same time": testAddAndTrim,
	"forgiving at the same time":            testAcknowledgeDroppedConcurrently,
}

func testTrim(s *storeTest) {
	for i, n := range []int{3, 1, 5, 2, 4} {
		s.keep("ada", note(n), int64(i+1))
	}
	s.trim("ada", 3)
	s.wantList("ada", "", 9, 3, 4, 5)
	s.wantDropped("ada", 2)
	s.wantUnknown("ada", note(1).ID)
	// The count starts again with the notifications that are left.
	s.keep("ada", note(6), 4)
	s.keep("ada", note(7), 5)
	s.acknowledge("ada", note(5).ID)
	s.trim("ada", 3)
	s.wantList("ada", "", 9, 4, 6, 7)
	s.wantDropped("ada", 3)

	// Nothing is left of a dropped notification: it may be added, and dropped, again.
	s.keep("ada", note(1), 4)
	s.trim("ada", 4)
	s.wantList("ada", "", 9, 1, 4, 6, 7)
	s.wantDropped("ada", 3)
	s.trim("ada", 0)
	s.wantList("ada", "", 9)
	s.wantDropped("ada", 7)
	s.keep("ada", note(8), 1)
}

func testTrimMany(s *storeTest) {
	const many = 230
	storetest.Concurrently(10, func(worker int) {
		for n := worker; n < many; n += 10 {
			if _, err := s.Inboxes.Add(s.Context(), "ada", note(n)); err != nil {
				s.Error(err)
			}
		}
	})
	s.trim("ada", 2)
	s.wantList("ada", "", 9, many-2, many-1)
	s.wantDropped("ada", many-2)
	s.keep("ada", note(many), 3)
}

func testTrimNothing(s *storeTest) {
	s.trim("ada", 3)
	s.wantDropped("ada", 0)
	s.keep("ada", note(1), 1)
	s.keep("ada", note(1), 2)
	s.keep("ada", note(2), 3)
	s.trim("ada", 3)
	s.trim("ada", 2)
	s.wantList("ada", "", 9, 1, 2)
	s.wantDropped("ada", 0)
	s.keep("ada", note(3), 3)
	s.acknowledge("ada", note(1).ID)
	s.acknowledge("ada", note(2).ID)
	s.acknowledge("ada", note(3).ID)
	s.trim("ada", 2)
	s.wantDropped("ada", 0)
	s.keep("ada", note(4), 1)
}

func testAcknowledgeDropped(s *storeTest) {
	s.forgive("ada", 3) // nothing
	s.wantDropped("ada", 0)
	s.wantList("ada", "", 9)
	for n := 1; n <= 6; n++ {
		s.keep("ada", note(n), int64(n))
	}
	s.trim("ada", 1)
	for _, step := range []struct{ upTo, want int64 }{
		{2, 3}, {2, 3}, // the same again changes nothing
		{1, 3},               // nor does an older number
		{6, 3}, {1 << 53, 3}, // nor one above all that were dropped
		{5, 0}, {5, 0},
	} {
		s.forgive("ada", step.upTo)
		s.wantDropped("ada", step.want)
	}
	s.trim("ada", 0)
	s.wantDropped("ada", 1)
	s.forgive("ada", 5)
	s.wantDropped("ada", 1)
	s.forgive("ada", 6)
	s.wantDropped("ada", 0)
	s.wantDropped("bob", 0)
}

// testTrimFlood lets one sender fill an inbox in which others have few notifications: it
// pushes out its own.
func testTrimFlood(s *storeTest) {
	from := func(n int, from string, service bool) inbox.Notification {
		kept := note(n)
		kept.From, kept.Service = from, service
		return kept
	}
	for n := range 3 {
		s.keep("ada", from(n, "bob", false), int64(n+1))
	}
	s.keep("ada", from(3, "flood", true), 4) // a service of that name
	for n := 4; n < 14; n++ {
		s.keep("ada", from(n, "flood", false), int64(n+1))
	}
	s.trim("ada", 8)
	s.wantList("ada", "", 99, 0, 1, 2, 3, 10, 11, 12, 13)
	s.wantDropped("ada", 6)
	// From then on the two largest senders lose one in turn: first the one with the oldest
	// notification.
	s.trim("ada", 6)
	s.wantList("ada", "", 99, 1, 2, 3, 11, 12, 13)
	s.trim("ada", 3)
	s.wantList("ada", "", 99, 2, 3, 13)
	s.trim("ada", 2)
	s.wantList("ada", "", 99, 3, 13)
	s.wantDropped("ada", 12)
}

func testTrimsConcurrently(s *storeTest) {
	for n := range 30 {
		s.keep("ada", note(n), int64(n+1))
	}
	storetest.Concurrently(6, func(i int) {
		if err := s.Inboxes.Trim(s.Context(), "ada", 3+i); err != nil {
			s.Error(err)
		}
	})
	s.wantList("ada", "", 9, 27, 28, 29)
	s.wantDropped("ada", 27)
	s.keep("ada", note(30), 4)
}

func testAddAndTrim(s *storeTest) {
	const users, each = 4, 10
	storetest.Concurrently(2*users, func(i int) {
		for n := range each {
			var err error
			if i%2 == 0 {
				_, err = s.Inboxes.Add(s.Context(), "ada", note(i*each+n))
			} else {
				err = s.Inboxes.Trim(s.Context(), "ada", 5)
			}
			if err != nil {
				s.Error(err)
			}
		}
	})
	left, err := s.Inboxes.List(s.Context(), "ada", "", 99)
	s.Must(err)
	state, err := s.Inboxes.State(s.Context(), "ada")
	s.Must(err)
	if got := len(left) + int(state.Dropped); got != users*each {
		s.Errorf("%d are left and %d were dropped: %d, want %d", len(left), state.Dropped, got, users*each)
	}
	count, err := s.Inboxes.Add(s.Context(), "ada", note(999))
	s.Must(err)
	if count < int64(len(left)+1) {
		s.Errorf("counted %d, less than the %d that are there", count, len(left)+1)
	}
}

func testAcknowledgeDroppedConcurrently(s *storeTest) {
	for n := range 20 {
		s.keep("ada", note(n), int64(n+1))
	}
	s.trim("ada", 10)
	storetest.Concurrently(4, func(i int) {
		var err error
		if i == 0 {
			err = s.Inboxes.Trim(s.Context(), "ada", 5)
		} else {
			err = s.Inboxes.AcknowledgeDropped(s.Context(), "ada", int64(i))
		}
		if err != nil {
			s.Error(err)
		}
	})
	s.wantDropped("ada", 15-3)
}

func (s *storeTest) trim(userID string, keep int) {
	s.Helper()
	s.Must(s.Inboxes.Trim(s.Context(), userID, keep))
}

func (s *storeTest) forgive(userID string, upTo int64) {
	s.Helper()
	s.Must(s.Inboxes.AcknowledgeDropped(s.Context(), userID, upTo))
}

func (s *storeTest) wantDropped(userID string, want int64) {
	s.Helper()
	state, err := s.Inboxes.State(s.Context(), userID)
	s.Must(err)
	if got := state.Dropped - state.DroppedAcked; got != want {
		s.Errorf("dropped for %q: got %d, want %d", userID, got, want)
	}
}
