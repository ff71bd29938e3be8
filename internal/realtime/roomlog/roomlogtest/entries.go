package roomlogtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var entryTests = storetest.Cases[*storeTest]{
	"spans of a log":                           testSpans,
	"entries come in the order of seq":         testOrder,
	"expired entries do not count":             testEntryExpiry,
	"entries come back as they were put":       testEntryContent,
	"entries are read as soon as they are put": testReadYourPuts,
}

func testSpans(s *storeTest) {
	// There is nothing at 4 and 7, and no message at 6.
	var log []roomlog.Entry
	for _, seq := range []int64{1, 2, 3, 5, 6, 8} {
		e := entry("lobby", seq, fmt.Sprintf("m%d", seq))
		if seq == 6 {
			e = tombstone("lobby", seq)
		}
		s.put(e)
		log = append(log, e)
	}
	for _, test := range []struct {
		from, to int64
		limit    int
		oldest   []int64
		newest   []int64
	}{
		{1, 8, 9, []int64{1, 2, 3, 5, 6, 8}, []int64{1, 2, 3, 5, 6, 8}},
		{1, 8, 6, []int64{1, 2, 3, 5, 6, 8}, []int64{1, 2, 3, 5, 6, 8}},
		{1, 8, 5, []int64{1, 2, 3, 5, 6}, []int64{2, 3, 5, 6, 8}},
		{1, 8, 1, []int64{1}, []int64{8}},
		{2, 6, 3, []int64{2, 3, 5}, []int64{3, 5, 6}},
		{3, 3, 1, []int64{3}, []int64{3}},
		{4, 4, 1, nil, nil},
		{4, 7, 9, []int64{5, 6}, []int64{5, 6}},
		{7, 7, 9, nil, nil},
		{9, 12, 9, nil, nil},
		{5, 4, 9, nil, nil},
		{1, 0, 9, nil, nil},
		{-3, 1, 9, []int64{1}, []int64{1}},
		{-3, -1, 9, nil, nil},
		{0, math.MaxInt64, 2, []int64{1, 2}, []int64{6, 8}},
		{math.MaxInt64, math.MaxInt64, 2, nil, nil},
	} {
		for newest, want := range map[bool][]int64{false: test.oldest, true: test.newest} {
			var entries []roomlog.Entry
			for _, e := range log {
				if slices.Contains(want, e.Seq) {
					entries = append(entries, e)
				}
			}
			s.wantEntries("lobby", roomlog.Span{From: test.from, To: test.to, Limit: test.limit, Newest: newest}, entries...)
		}
	}
	s.wantEntries("tea", roomlog.Span{From: 1, To: 8, Limit: 9})
}

func testOrder(s *storeTest) {
	var want []roomlog.Entry
	for _, seq := range []int64{9, 10, 11, 99, 100, 1_000_000_000, 1 << 53} {
		want = append(want, entry("lobby", seq, fmt.Sprintf("m%d", seq)))
	}
	for _, e := range slices.Backward(want) {
		s.put(e)
	}
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 1 << 53, Limit: 99}, want...)
	s.wantEntries("lobby", roomlog.Span{From: 10, To: 100, Limit: 99, Newest: true}, want[1:5]...)
}

func testEntryExpiry(s *storeTest) {
	var old, young []roomlog.Entry
	for seq := int64(1); seq <= 9; seq++ {
		e := entry("lobby", seq, fmt.Sprintf("m%d", seq))
		if seq == 2 {
			e = tombstone("lobby", seq)
		}
		if seq%4 == 0 {
			e.ExpiresAt = e.ExpiresAt.Add(time.Minute)
			young = append(young, e)
		}
		old = append(old, e)
		s.put(e)
	}
	all := roomlog.Span{From: 1, To: 9, Limit: 9}
	s.Now = old[0].ExpiresAt.Add(-time.Millisecond)
	s.wantEntries("lobby", all, old...)

	s.Now = old[0].ExpiresAt
	s.wantEntries("lobby", all, young...)
	// The limit counts entries that have not expired, not the rows that were read.
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 9, Limit: 1}, young[0])
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 9, Limit: 2}, young...)
	s.wantEntries("lobby", roomlog.Span{From: 1, To: 9, Limit: 1, Newest: true}, young[1])
	s.wantEntries("lobby", roomlog.Span{From: 5, To: 7, Limit: 2, Newest: true})
}

func testEntryContent(s *storeTest) {
	for i, text := range []string{" ", "\x00", "\uffff\ufffe", strings.Repeat("😀", 4<<10), `{"a":"\u0000"}`} {
		e := entry("lobby #1", int64(i+1), strings.Repeat("7", 26))
		e.UserID, e.Message = "#é", text
		s.put(e)
		s.wantEntries("lobby #1", roomlog.Span{From: e.Seq, To: e.Seq, Limit: 1}, e)
	}
}

func testReadYourPuts(s *storeTest) {
	storetest.Concurrently(10, func(i int) {
		seq := int64(i + 1)
		e := entry("lobby", seq, fmt.Sprintf("m%d", seq))
		if _, err := s.Log.Put(s.Context(), e); err != nil {
			s.Error(err)
			return
		}
		got, err := s.Log.Entries(s.Context(), "lobby", roomlog.Span{From: seq, To: seq, Limit: 1})
		if err != nil || len(got) != 1 || !sameEntry(got[0], e) {
			s.Errorf("seq %d right after its put: got %+v, %v", seq, got, err)
		}
	})
}

func (s *storeTest) wantEntries(roomID string, span roomlog.Span, want ...roomlog.Entry) {
	s.Helper()
	got, err := s.Log.Entries(s.Context(), roomID, span)
	s.Must(err)
	if !slices.EqualFunc(got, want, sameEntry) {
		s.Errorf("entries %+v of %q: got %+v, want %+v", span, roomID, got, want)
	}
}
