package roomlogtest

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var logTests = storetest.Cases[*storeTest]{
	"log counts from one":                          testAdvance,
	"advances at the same time":                    testAdvancesConcurrently,
	"a head is kept as long as was asked for last": testHeadExpires,
	"what is left of an ended log is replaced":     testPutOverEndedLog,
	"a floor rises":                                testRaise,
	"the first entry at a seq stays":               testPut,
	"puts at the same seq at the same time":        testPutsConcurrently,
	"a seq stays taken by what has expired":        testPutOverExpired,
	"logs keep apart":                              testLogsApart,
}

// headExpires is until when the heads of the tests are kept.
var headExpires = storetest.Noon.Add(30 * day).Truncate(time.Second)

// day is how long the entries of the tests are kept.
const day = 24 * time.Hour

// entry returns a message for a seq of a room.
func entry(roomID string, seq int64, id string) roomlog.Entry {
	return roomlog.Entry{
		RoomID: roomID, Seq: seq, ID: id, UserID: "ada", Message: "hello \x00 \uffff 😀 " + id,
		Timestamp: storetest.Noon, ExpiresAt: storetest.Noon.Add(day).Truncate(time.Second),
	}
}

// tombstone returns the tombstone of a seq of a room.
func tombstone(roomID string, seq int64) roomlog.Entry {
	e := entry(roomID, seq, "")
	e.UserID, e.Message = "", ""
	return e
}

func testAdvance(s *storeTest) {
	s.wantHead("lobby", roomlog.Head{})
	for seq := int64(1); seq <= 3; seq++ {
		at := storetest.Noon.Add(time.Duration(seq) * time.Minute)
		want := roomlog.Head{Seq: seq, Epoch: "m1", StartedAt: storetest.Noon.Add(time.Minute), AdvancedAt: at}
		// Heads count whole milliseconds.
		got, err := s.Log.Advance(s.Context(), "lobby", fmt.Sprintf("m%d", seq), at.Add(time.Microsecond), headExpires)
		s.Must(err)
		if !sameHead(got, want) {
			s.Errorf("advance %d: got %+v, want %+v", seq, got, want)
		}
		s.wantHead("lobby", want)
	}
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 3, Limit: 9})
}

func testAdvancesConcurrently(s *storeTest) {
	const count = 20
	var mu sync.Mutex
	var seqs []int64
	epochs := map[string]bool{}
	storetest.Concurrently(count, func(i int) {
		head, err := s.Log.Advance(s.Context(), "lobby", fmt.Sprintf("m%d", i), storetest.Noon, headExpires)
		if err != nil {
			s.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		seqs, epochs[head.Epoch] = append(seqs, head.Seq), true
	})
	slices.Sort(seqs)
	for i, seq := range seqs {
		if seq != int64(i+1) {
			s.Fatalf("got the seqs %v, want 1 to %d", seqs, count)
		}
	}
	if len(epochs) != 1 || epochs[""] {
		s.Errorf("got the epochs %v, want one", epochs)
	}
	head, err := s.Log.Head(s.Context(), "lobby")
	s.Must(err)
	if head.Seq != count || !epochs[head.Epoch] {
		s.Errorf("got the head %+v, want seq %d in the epoch %v", head, count, epochs)
	}
}

func testHeadExpires(s *storeTest) {
	for i, write := range []func(expiresAt time.Time) error{
		func(at time.Time) error {
			_, err := s.Log.Advance(s.Context(), "lobby", "m1", storetest.Noon, at)
			return err
		},
		func(at time.Time) error { return s.Log.Resize(s.Context(), "lobby", split(1), at) },
		func(at time.Time) error {
			_, err := s.Log.Advance(s.Context(), "lobby", "m2", storetest.Noon, at)
			return err
		},
	} {
		want := headExpires.Add(time.Duration(i) * day)
		s.Must(write(want))
		head, err := s.Log.Head(s.Context(), "lobby")
		s.Must(err)
		if !head.ExpiresAt.Equal(want) {
			s.Errorf("write %d: the head is kept until %v, want %v", i, head.ExpiresAt, want)
		}
	}
	// Its messages may be kept for longer than a new one.
	head, err := s.Log.Advance(s.Context(), "lobby", "m3", storetest.Noon, headExpires)
	s.Must(err)
	if want := headExpires.Add(2 * day); head.Seq != 3 || !head.ExpiresAt.Equal(want) {
		s.Errorf("after a write that asked for less: got the head %+v, want seq 3 and %v", head, want)
	}
	// The head counts until it is deleted: its room may be in use again.
	s.Now = headExpires.Add(30 * day)
	head, err = s.Log.Advance(s.Context(), "lobby", "m4", storetest.Noon, s.Now.Add(day))
	s.Must(err)
	if head.Seq != 4 || head.Epoch != "m1" {
		s.Errorf("got %+v, want seq 3 of m1", head)
	}
}

func testPutOverEndedLog(s *storeTest) {
	first := entry("lobby", 1, "m1")
	s.put(first)
	s.Now = first.ExpiresAt.Add(day)
	next := entry("lobby", 1, "m2")
	next.ExpiresAt = s.Now.Add(day)
	got, err := s.Log.Put(s.Context(), next)
	s.Must(err)
	if !sameEntry(got, next) {
		s.Errorf("got %+v, want %+v", got, next)
	}
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 1, Limit: 1}, next)
}

func testRaise(s *storeTest) {
	raise := func(epoch string, floor, want int64) {
		s.Helper()
		s.Must(s.Log.Raise(s.Context(), "lobby", epoch, floor))
		head, err := s.Log.Head(s.Context(), "lobby")
		s.Must(err)
		if head.Floor != want {
			s.Errorf("raise to %d in the log %q: the floor is %d, want %d", floor, epoch, head.Floor, want)
		}
	}
	raise("m1", 1, 0) // there is no log
	s.wantHead("lobby", roomlog.Head{})
	for range 5 {
		_, err := s.Log.Advance(s.Context(), "lobby", "m1", storetest.Noon, headExpires)
		s.Must(err)
	}
	raise("m2", 3, 0)
	raise("m1", 3, 3)
	raise("m1", 2, 3)
	raise("m1", 5, 5)
	head, err := s.Log.Advance(s.Context(), "lobby", "m1", storetest.Noon, headExpires)
	s.Must(err)
	if head.Floor != 5 || head.Seq != 6 {
		s.Errorf("got %+v, want seq 6 and the floor 5", head)
	}
	s.Must(s.Log.Resize(s.Context(), "lobby", split(1), headExpires))
	s.wantHead("lobby", roomlog.Head{Seq: 6, Epoch: "m1", Layout: split(1), StartedAt: storetest.Noon, AdvancedAt: storetest.Noon, Floor: 5})
}

func testPut(s *storeTest) {
	first, second := entry("lobby", 1, "m1"), entry("lobby", 1, "m2")
	empty := tombstone("lobby", 2)
	puts := []struct{ put, want roomlog.Entry }{
		{first, first}, {first, first}, {second, first}, {tombstone("lobby", 1), first},
		{empty, empty}, {empty, empty}, {entry("lobby", 2, "m3"), empty},
	}
	for i, p := range puts {
		got, err := s.Log.Put(s.Context(), p.put)
		s.Must(err)
		if !sameEntry(got, p.want) {
			s.Errorf("put %d: got %+v, want %+v", i, got, p.want)
		}
		if got.Tombstone() != p.want.Tombstone() {
			s.Errorf("put %d: tombstone is %v", i, got.Tombstone())
		}
	}
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 9, Limit: 9}, first, empty)
	// The entries and the head do not mix.
	s.wantHead("lobby", roomlog.Head{})
}

func testPutsConcurrently(s *storeTest) {
	for seq := int64(1); seq <= 5; seq++ {
		got := make([]roomlog.Entry, 8)
		storetest.Concurrently(len(got), func(i int) {
			e := tombstone("lobby", seq)
			if i%2 == 0 {
				e = entry("lobby", seq, fmt.Sprintf("m%d", i))
			}
			var err error
			if got[i], err = s.Log.Put(s.Context(), e); err != nil {
				s.Error(err)
			}
		})
		for _, e := range got {
			if !sameEntry(e, got[0]) {
				s.Errorf("seq %d: one got %+v, another %+v", seq, got[0], e)
			}
		}
		s.wantEntries("lobby", roomlog.Span{From: seq, To: seq, Limit: 9}, got[0])
	}
}

func testPutOverExpired(s *storeTest) {
	first := entry("lobby", 1, "m1")
	s.put(first)
	s.Now = first.ExpiresAt
	late := entry("lobby", 1, "m2")
	late.ExpiresAt = late.ExpiresAt.Add(day)
	got, err := s.Log.Put(s.Context(), late)
	s.Must(err)
	if !sameEntry(got, first) {
		s.Errorf("got %+v, want %+v", got, first)
	}
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 1, Limit: 1})
}

func testLogsApart(s *storeTest) {
	names := []string{"a", "a#0000000000000001", "a#HEAD", "HEAD", "#", " ", "😀"}
	for i, name := range names {
		for range i + 1 {
			_, err := s.Log.Advance(s.Context(), name, name, storetest.Noon, headExpires)
			s.Must(err)
		}
		s.put(entry(name, 1, name))
	}
	for i, name := range names {
		s.wantHead(name, roomlog.Head{Seq: int64(i + 1), Epoch: name, StartedAt: storetest.Noon, AdvancedAt: storetest.Noon})
		s.wantEntries(name, roomlog.Span{From: 0, To: 99, Limit: 99}, entry(name, 1, name))
	}
	s.wantHead("b", roomlog.Head{})
}

func (s *storeTest) put(entries ...roomlog.Entry) {
	s.Helper()
	for _, e := range entries {
		_, err := s.Log.Put(s.Context(), e)
		s.Must(err)
	}
}

func (s *storeTest) wantHead(roomID string, want roomlog.Head) {
	s.Helper()
	got, err := s.Log.Head(s.Context(), roomID)
	s.Must(err)
	if !sameHead(got, want) {
		s.Errorf("head of %q: got %+v, want %+v", roomID, got, want)
	}
}

func sameHead(a, b roomlog.Head) bool {
	same := a.StartedAt.Equal(b.StartedAt) && a.AdvancedAt.Equal(b.AdvancedAt)
	a.StartedAt, a.AdvancedAt, a.ExpiresAt = b.StartedAt, b.AdvancedAt, b.ExpiresAt
	return same && reflect.DeepEqual(a, b)
}

func sameEntry(a, b roomlog.Entry) bool {
	same := a.Timestamp.Equal(b.Timestamp) && a.ExpiresAt.Equal(b.ExpiresAt)
	a.Timestamp, a.ExpiresAt = b.Timestamp, b.ExpiresAt
	return same && a == b
}
