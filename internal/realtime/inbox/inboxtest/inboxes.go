package inboxtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var inboxTests = storetest.Cases[*storeTest]{
	"notifications wait until they are acknowledged": testInbox,
	"notifications wait in the order of their ids":   testInboxOrder,
	"keeping a notification again":                   testAddAgain,
	"notifications come back to the byte":            testContent,
	"inboxes keep apart":                             testInboxesApart,
	"acknowledging an unknown notification":          testAcknowledgeUnknown,
	"expired notifications do not wait":              testExpiry,
	"notifications at the same time":                 testAddsConcurrently,
	"acknowledging at the same time":                 testAcknowledgeConcurrently,
}

// month is how long the notifications of the tests are kept.
const month = 30 * day

// note returns the nth notification. Its id has the shape of a ULID.
func note(n int) inbox.Notification {
	return inbox.Notification{
		ID: fmt.Sprintf("01J%023d", n), From: "bob", Notification: json.RawMessage(fmt.Sprintf(`{"n": %d}`, n)),
		Timestamp: storetest.Noon, ExpiresAt: storetest.Noon.Add(month).Truncate(time.Second),
	}
}

func testInbox(s *storeTest) {
	s.wantList("ada", "", 9)
	for n := 1; n <= 3; n++ {
		s.keep("ada", note(n), int64(n))
	}
	s.wantList("ada", "", 9, 1, 2, 3)
	s.acknowledge("ada", note(2).ID)
	s.wantList("ada", "", 9, 1, 3)
	s.wantUnknown("ada", note(2).ID)
	s.acknowledge("ada", note(1).ID)
	s.acknowledge("ada", note(3).ID)
	s.wantList("ada", "", 9)
	// The count is of all that were added, acknowledged or not.
	s.keep("ada", note(4), 4)
	s.wantDropped("ada", 0)
}

func testInboxOrder(s *storeTest) {
	for i, n := range []int{5, 1, 10, 9, 100} {
		s.keep("ada", note(n), int64(i+1))
	}
	for _, test := range []struct {
		since string
		limit int
		want  []int
	}{
		{"", 9, []int{1, 5, 9, 10, 100}},
		{"", 2, []int{1, 5}},
		{note(1).ID, 2, []int{5, 9}},
		{note(1).ID, 9, []int{5, 9, 10, 100}},
		{note(2).ID, 1, []int{5}}, // which does not exist
		{note(9).ID[:20], 9, []int{1, 5, 9, 10, 100}},
		{note(9).ID + "0", 9, []int{10, 100}},
		{note(100).ID, 9, nil},
		{"7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 9, nil},
		{" ", 9, []int{1, 5, 9, 10, 100}},
		{"A", 9, nil}, {"HEAD", 9, nil}, {"STATE", 9, nil}, {"zzz", 9, nil}, {"😀", 9, nil},
	} {
		s.wantList("ada", test.since, test.limit, test.want...)
	}
}

func testAddAgain(s *storeTest) {
	s.keep("ada", note(1), 1)
	other := note(2)
	other.ID = note(1).ID
	other.ExpiresAt = other.ExpiresAt.Add(-day)
	s.keep("ada", other, 2)
	s.keep("ada", note(1), 3)
	got, err := s.Inboxes.List(s.Context(), "ada", "", 9)
	s.Must(err)
	if len(got) != 1 || !same(got[0], note(1)) {
		s.Errorf("kept %+v three times, once changed, got %+v", note(1), got)
	}
	s.acknowledge("ada", note(1).ID)
	s.wantList("ada", "", 9)
	// An acknowledged notification does not come back by a copy of its notify.
	s.keep("ada", note(1), 4)
	s.Now = s.Now.Add(sends.Window)
	s.keep("ada", note(1), 5)
	s.wantList("ada", "", 9)
	s.wantUnknown("ada", note(1).ID)
}

func testContent(s *storeTest) {
	for i, content := range []string{
		`{ "b":1,  "a":[1.50, -0, 1e3], "b":2 }`, "null", `""`, "\"\u2028\uffff😀\\u0000\"", `"` + strings.Repeat("é", 8<<10) + `"`,
	} {
		n := note(i)
		n.Service = i%2 == 0
		n.From, n.Notification = "#"+strings.Repeat("é", 127), json.RawMessage(content)
		n.Timestamp = storetest.Noon.Add(time.Duration(i) * time.Millisecond)
		s.keep("ada", n, int64(i+1))
		got, err := s.Inboxes.List(s.Context(), "ada", note(i-1).ID, 1)
		s.Must(err)
		if len(got) != 1 || !same(got[0], n) {
			s.Errorf("kept %+v, got %+v", n, got)
		}
	}
}

func testInboxesApart(s *storeTest) {
	users := []string{"ada", "ada#", "ada#STATE", "STATE", "#", " ", "😀", strings.Repeat("é", 128)}
	for i, user := range users {
		s.keep(user, note(i), 1)
		s.keep(user, note(100), 2)
	}
	for i, user := range users {
		s.wantList(user, "", 9, i, 100)
		s.wantUnknown(user, note(i+1).ID) // another user's
		s.Must(s.Inboxes.Trim(s.Context(), user, 1))
		s.wantList(user, "", 9, 100)
		s.wantDropped(user, 1)
		for _, later := range users[i+1:] {
			s.wantDropped(later, 0)
		}
	}
}

func testAcknowledgeUnknown(s *storeTest) {
	for n := 1; n <= 3; n++ {
		s.keep("ada", note(n), int64(n))
	}
	s.Must(s.Inboxes.Trim(s.Context(), "ada", 2))
	for _, id := range []string{"", note(1).ID, note(4).ID, note(2).ID[:25], note(2).ID + "0", "STATE", "A", "0", " ", "#", "é"} {
		s.wantUnknown("ada", id)
	}
	s.wantUnknown("bob", note(2).ID)
	s.wantList("ada", "", 9, 2, 3)
	s.wantDropped("ada", 1)
}

func testExpiry(s *storeTest) {
	for n := 1; n <= 5; n++ {
		kept := note(n)
		if n%2 == 0 {
			kept.ExpiresAt = kept.ExpiresAt.Add(-day)
		}
		s.keep("ada", kept, int64(n))
	}
	s.Now = note(2).ExpiresAt.Add(-day - time.Millisecond)
	s.wantList("ada", "", 9, 1, 2, 3, 4, 5)

	s.Now = note(2).ExpiresAt.Add(-day)
	s.wantList("ada", "", 9, 1, 3, 5)
	s.wantList("ada", "", 2, 1, 3) // the limit counts notifications that have not expired
	s.wantList("ada", note(1).ID, 1, 3)
	s.wantUnknown("ada", note(2).ID)
	// An expired notification is not a dropped one.
	s.Must(s.Inboxes.Trim(s.Context(), "ada", 2))
	s.wantList("ada", "", 9, 3, 5)
	s.wantDropped("ada", 1)
	// It may be added again.
	s.keep("ada", note(4), 3)
	s.wantList("ada", "", 9, 3, 4, 5)
}

func testAddsConcurrently(s *storeTest) {
	var highest atomic.Int64
	want := make([]int, 12)
	storetest.Concurrently(len(want), func(i int) {
		want[i] = i
		count, err := s.Inboxes.Add(s.Context(), "ada", note(i))
		if err != nil {
			s.Error(err)
		}
		for old := highest.Load(); count > old && !highest.CompareAndSwap(old, count); old = highest.Load() {
		}
		waiting, err := s.Inboxes.List(s.Context(), "ada", "", 99)
		if err != nil || !slices.ContainsFunc(waiting, func(n inbox.Notification) bool { return same(n, note(i)) }) {
			s.Errorf("notification %d right after it was kept: got %+v, %v", i, waiting, err)
		}
	})
	s.wantList("ada", "", 99, want...)
	if highest.Load() != int64(len(want)) {
		s.Errorf("counted to %d, want %d", highest.Load(), len(want))
	}
}

func testAcknowledgeConcurrently(s *storeTest) {
	s.keep("ada", note(1), 1)
	var done atomic.Int64
	storetest.Concurrently(8, func(int) {
		if err := s.Inboxes.Acknowledge(s.Context(), "ada", note(1).ID); err == nil {
			done.Add(1)
		} else if !errors.Is(err, inbox.ErrUnknownNotification) {
			s.Error(err)
		}
	})
	if done.Load() != 1 {
		s.Errorf("%d acknowledged it, want one", done.Load())
	}
}

// keep adds a notification and compares the count.
func (s *storeTest) keep(userID string, n inbox.Notification, want int64) {
	s.Helper()
	count, err := s.Inboxes.Add(s.Context(), userID, n)
	s.Must(err)
	if count != want {
		s.Errorf("keep %s for %q: counted %d, want %d", n.ID, userID, count, want)
	}
}

func (s *storeTest) acknowledge(userID, id string) {
	s.Helper()
	s.Must(s.Inboxes.Acknowledge(s.Context(), userID, id))
}

// wantList compares what is in an inbox with notifications that are named
// by their numbers.
func (s *storeTest) wantList(userID, since string, limit int, want ...int) {
	s.Helper()
	got, err := s.Inboxes.List(s.Context(), userID, since, limit)
	s.Must(err)
	var ids, wantIDs []string
	for _, n := range got {
		ids = append(ids, n.ID)
	}
	for _, n := range want {
		wantIDs = append(wantIDs, note(n).ID)
	}
	for _, id := range wantIDs {
		s.wantHas(userID, id, true)
	}
	if !slices.Equal(ids, wantIDs) {
		s.Errorf("at most %d of the inbox of %q after %q: got %q, want %q", limit, userID, since, ids, wantIDs)
	}
}

func (s *storeTest) wantHas(userID, id string, want bool) {
	s.Helper()
	has, err := s.Inboxes.Has(s.Context(), userID, id)
	s.Must(err)
	if has != want {
		s.Errorf("has notification %q of %q: got %v, want %v", id, userID, has, want)
	}
}

func (s *storeTest) wantUnknown(userID, id string) {
	s.Helper()
	s.wantHas(userID, id, false)
	if err := s.Inboxes.Acknowledge(s.Context(), userID, id); !errors.Is(err, inbox.ErrUnknownNotification) {
		s.Errorf("acknowledge %q of %q: got %v, want ErrUnknownNotification", id, userID, err)
	}
}

func same(a, b inbox.Notification) bool {
	return a.ID == b.ID && a.From == b.From && a.Service == b.Service && string(a.Notification) == string(b.Notification) &&
		a.Timestamp.Equal(b.Timestamp) && a.ExpiresAt.Equal(b.ExpiresAt)
}
