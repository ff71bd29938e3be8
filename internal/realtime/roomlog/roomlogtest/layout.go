package roomlogtest

import (
	"errors"
	"sync/atomic"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var layoutTests = storetest.Cases[*storeTest]{
	"layout of a room without a log":        testResizeFirst,
	"layout of a room with a log":           testResizeLog,
	"the first of two layouts wins":         testResizeVersions,
	"resizes at the same time":              testResizesConcurrently,
	"advances and resizes at the same time": testAdvanceAndResize,
}

// split returns a layout of four shards, three of them open.
func split(version int64) shard.Layout {
	return shard.Layout{Shards: 4, Open: []int{1, 2, 10}, Members: 1234, Version: version}
}

func testResizeFirst(s *storeTest) {
	s.Must(s.Log.Resize(s.Context(), "lobby", split(1), headExpires))
	s.wantHead("lobby", roomlog.Head{Layout: split(1)})
	s.wantHead("tea", roomlog.Head{})
	// The log starts as it would without a layout.
	for seq := int64(1); seq <= 2; seq++ {
		want := roomlog.Head{Seq: seq, Epoch: "m1", Layout: split(1), StartedAt: storetest.Noon, AdvancedAt: storetest.Noon}
		got, err := s.Log.Advance(s.Context(), "lobby", "m1", storetest.Noon, headExpires)
		s.Must(err)
		if !sameHead(got, want) {
			s.Errorf("got %+v, want %+v", got, want)
		}
		s.wantHead("lobby", want)
	}
}

func testResizeLog(s *storeTest) {
	_, err := s.Log.Advance(s.Context(), "lobby", "m1", storetest.Noon, headExpires)
	s.Must(err)
	for i, layout := range []shard.Layout{
		split(1),
		{Shards: 2, Open: []int{0}, Members: 7, Version: 2},
		{Version: 3}, // omitted fields do not keep their old values
		split(4),
	} {
		s.Must(s.Log.Resize(s.Context(), "lobby", layout, headExpires))
		want := roomlog.Head{Seq: int64(i + 1), Epoch: "m1", Layout: layout, StartedAt: storetest.Noon, AdvancedAt: storetest.Noon}
		s.wantHead("lobby", want)
		want.Seq++
		got, err := s.Log.Advance(s.Context(), "lobby", "m2", storetest.Noon, headExpires)
		s.Must(err)
		if !sameHead(got, want) {
			s.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func testResizeVersions(s *storeTest) {
	s.wantResized("lobby", split(0), split(2), split(-1))
	s.wantHead("lobby", roomlog.Head{})
	s.Must(s.Log.Resize(s.Context(), "lobby", split(1), headExpires))
	other := shard.Layout{Shards: 1, Version: 1}
	s.wantResized("lobby", other, split(0), split(3))
	s.Must(s.Log.Resize(s.Context(), "lobby", split(2), headExpires))
	s.wantResized("lobby", other, split(1), split(2), split(4))
	s.wantHead("lobby", roomlog.Head{Layout: split(2)})
	// A caller may change its layout without changing the stored one.
	layout := split(3)
	s.Must(s.Log.Resize(s.Context(), "lobby", layout, headExpires))
	layout.Open[0] = 99
	head, err := s.Log.Head(s.Context(), "lobby")
	s.Must(err)
	head.Open[0] = 98
	s.wantHead("lobby", roomlog.Head{Layout: split(3)})
}

func testResizesConcurrently(s *storeTest) {
	for version := int64(1); version <= 5; version++ {
		var done atomic.Int64
		var members atomic.Int64
		storetest.Concurrently(6, func(i int) {
			to := split(version)
			to.Members = i + 1
			err := s.Log.Resize(s.Context(), "lobby", to, headExpires)
			switch {
			case err == nil:
				done.Add(1)
				members.Store(int64(to.Members))
			case !errors.Is(err, shard.ErrResized):
				s.Error(err)
			}
		})
		if done.Load() != 1 {
			s.Errorf("version %d: %d resizes were done, want 1", version, done.Load())
		}
		want := split(version)
		want.Members = int(members.Load())
		s.wantHead("lobby", roomlog.Head{Layout: want})
	}
}

func testAdvanceAndResize(s *storeTest) {
	const count = 10
	storetest.Concurrently(2, func(i int) {
		for n := range int64(count) {
			var err error
			if i == 0 {
				_, err = s.Log.Advance(s.Context(), "lobby", "m1", storetest.Noon, headExpires)
			} else {
				err = s.Log.Resize(s.Context(), "lobby", split(n+1), headExpires)
			}
			if err != nil {
				s.Error(err)
			}
		}
	})
	s.wantHead("lobby", roomlog.Head{Seq: count, Epoch: "m1", Layout: split(count), StartedAt: storetest.Noon, AdvancedAt: storetest.Noon})
}

func (s *storeTest) wantResized(roomID string, layouts ...shard.Layout) {
	s.Helper()
	for _, l := range layouts {
		if err := s.Log.Resize(s.Context(), roomID, l, headExpires); !errors.Is(err, shard.ErrResized) {
			s.Errorf("resize %s to version %d: got %v, want ErrResized", roomID, l.Version, err)
		}
	}
}
