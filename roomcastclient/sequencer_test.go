package roomcastclient

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func message(seq int64) Message { return Message{Seq: seq, ID: fmt.Sprint("id", seq)} }

func messages(seqs ...int64) []Message {
	list := make([]Message, len(seqs))
	for i, seq := range seqs {
		list[i] = message(seq)
	}
	return list
}

func seqs(list []Message) []int64 {
	var got []int64
	for _, m := range list {
		got = append(got, m.Seq)
	}
	return got
}

// is fails the test unless these messages were delivered.
func is(t *testing.T, what string, got []Message, want ...int64) {
	t.Helper()
	if !slices.Equal(seqs(got), want) {
		t.Errorf("%s: delivered %v, want %v", what, seqs(got), want)
	}
}

func TestSequencerOrdersAndDeduplicates(t *testing.T) {
	t.Parallel()
	s := newSequencer(&Position{Seq: 4, Epoch: "e"})
	is(t, "the next", s.live(message(5)), 5)
	is(t, "again", s.live(message(5)))
	is(t, "ahead", s.live(message(8)))
	is(t, "ahead", s.live(message(7)))
	if !s.hasGap() {
		t.Error("there is a gap at 6")
	}
	is(t, "the gap", s.live(message(6)), 6, 7, 8)
	is(t, "an old one", s.live(message(2)))
	if s.hasGap() || s.position() != (Position{Seq: 8, Epoch: "e"}) {
		t.Errorf("at %+v, missing %v", s.position(), s.hasGap())
	}
}

func TestSequencerWaitsForItsStart(t *testing.T) {
	t.Parallel()
	s := newSequencer(nil)
	for _, seq := range []int64{12, 9, 11, 14} {
		is(t, "before the start", s.live(message(seq)))
	}
	is(t, "the start", s.start(Position{Seq: 10, Epoch: "e"}), 11, 12)
	if !s.hasGap() {
		t.Error("13 is missing")
	}
}

func TestSequencerResolvesGaps(t *testing.T) {
	t.Parallel()
	s := newSequencer(&Position{Seq: 1, Epoch: "e"})
	is(t, "ahead", s.live(message(9)))
	is(t, "a page", s.replay(Position{Seq: 4, Epoch: "e"}, messages(2, 4), true), 2, 4)
	if !s.hasGap() {
		t.Error("there is more")
	}
	is(t, "the last page", s.replay(Position{Seq: 8, Epoch: "e"}, nil, false), 9)
	if s.hasGap() || s.position().Seq != 9 {
		t.Errorf("at %+v, missing %v", s.position(), s.hasGap())
	}
	is(t, "a late page", s.replay(Position{Seq: 6, Epoch: "e"}, messages(5, 6), false))
	is(t, "more after the end", s.replay(Position{Seq: 9, Epoch: "e"}, nil, true))
	if !s.hasGap() {
		t.Error("there is more after 9")
	}
}

func TestSequencerOfAnEmptyRoom(t *testing.T) {
	t.Parallel()
	s := newSequencer(nil)
	s.start(Position{})
	is(t, "the first", s.live(message(1)), 1)
	if s.position() != (Position{Seq: 1, Epoch: "id1"}) {
		t.Errorf("at %+v, want the first message's id as the epoch", s.position())
	}

	// The first seq holds no message: only a replay knows the epoch.
	s = newSequencer(nil)
	s.start(Position{})
	is(t, "the second", s.live(message(2)))
	is(t, "a replay", s.replay(Position{Seq: 2, Epoch: "e"}, messages(2), false), 2)
	if s.position() != (Position{Seq: 2, Epoch: "e"}) {
		t.Errorf("at %+v", s.position())
	}
}

func TestSequencerBoundsWhatItKeeps(t *testing.T) {
	t.Parallel()
	s := newSequencer(&Position{})
	for seq := int64(2); seq < maxAhead+100; seq++ {
		is(t, "ahead", s.live(message(seq)))
	}
	if len(s.ahead) != maxAhead {
		t.Errorf("%d are kept, want %d", len(s.ahead), maxAhead)
	}
	if got := s.live(message(1)); len(got) != maxAhead+1 {
		t.Errorf("%d delivered, want %d", len(got), maxAhead+1)
	}
	if !s.hasGap() {
		t.Error("a dropped message is missing")
	}
}

func TestSequencerContinuesFromTheNewest(t *testing.T) {
	t.Parallel()
	s := newSequencer(&Position{Seq: 10, Epoch: "e"})
	is(t, "ahead", s.live(message(15)))
	at, got := s.resume(Position{Seq: 24, Epoch: "e"}, messages(20, 21, 23, 24))
	is(t, "what is not torn", got, 20, 21)
	if at.Seq != 19 || !s.hasGap() {
		t.Errorf("continues from %+v, missing %v", at, s.hasGap())
	}
	at, got = s.resume(Position{Seq: 24, Epoch: "e"}, messages(20, 21, 23, 24))
	is(t, "the same again", got)
	if at.Seq != 21 {
		t.Errorf("continues from %+v", at)
	}
	_, got = s.resume(Position{Seq: 24, Epoch: "e"}, messages(20, 21, 23, 24))
	is(t, "skips the gap", got, 23, 24)

	at, got = s.resume(Position{Seq: 3, Epoch: "f"}, messages(2, 3))
	is(t, "another log", got, 2, 3)
	if at != (Position{Seq: 1, Epoch: "f"}) || s.position() != (Position{Seq: 3, Epoch: "f"}) {
		t.Errorf("continues from %+v to %+v", at, s.position())
	}
	at, _ = s.resume(Position{Seq: 7, Epoch: "f"}, nil)
	if at.Seq != 7 || s.hasGap() {
		t.Errorf("continues from %+v, missing %v", at, s.hasGap())
	}
}

func TestSequencerDropsOnlyARejectedPosition(t *testing.T) {
	t.Parallel()
	s := newSequencer(&Position{Seq: 10, Epoch: "e"})
	s.rejectPosition(Position{Seq: 10, Epoch: "other"})
	s.rejectPosition(Position{Seq: 12, Epoch: "e"})
	if !s.started {
		t.Error("dropped the position for another one")
	}
	s.rejectPosition(Position{Seq: 9, Epoch: "e"})
	if s.started {
		t.Error("kept the position")
	}
}

func TestSequencerSkipsWhatIsNotReplayed(t *testing.T) {
	t.Parallel()
	s := newSequencer(&Position{Seq: 5, Epoch: "e"})
	is(t, "ahead", s.live(message(8)))
	is(t, "before it was asked for", s.skip())
	if !s.withhold(Position{Seq: 10, Epoch: "e"}) || s.withhold(Position{Seq: 10, Epoch: "e"}) {
		t.Error("want it reported as new once")
	}
	is(t, "late", s.live(message(7)))
	if s.hasGap() || !s.hasPending() {
		t.Errorf("missing %v, waiting %v: want what came to wait, and nothing asked for", s.hasGap(), s.hasPending())
	}
	is(t, "what came", s.skip(), 7, 8)
	is(t, "too late", s.live(message(6)))
	is(t, "nothing waits", s.skip())
	is(t, "the next", s.live(message(9)), 9)
	is(t, "ahead", s.live(message(12)))
	is(t, "11 may be replayed", s.skip())
	if !s.hasGap() {
		t.Error("11 is missing")
	}
}

// Messages arrive in any order and number, with replies that bring nothing in
// between. Each that is not too late for the order is delivered once.
func TestSequencerLosesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 3))
		s := newSequencer(&Position{Seq: 5, Epoch: "e"})
		var got, want []int64
		for head := int64(6); head < 80; head++ {
			m := message(head - random.Int64N(min(5, head-5)))
			if m.Seq > s.last && !slices.Contains(want, m.Seq) {
				want = append(want, m.Seq)
			}
			got = append(got, seqs(s.live(m))...)
			switch random.IntN(4) {
			case 0:
				s.withhold(Position{Seq: head, Epoch: "e"})
			case 1:
				got = append(got, seqs(s.skip())...)
			}
		}
		s.withhold(Position{Seq: 80, Epoch: "e"})
		for s.hasPending() {
			got = append(got, seqs(s.skip())...)
		}
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("seed %d: delivered %v, want %v", seed, got, want)
		}
	}
}

// FuzzSequencer lets a room's log arrive in any order, with copies, losses and
// replays of any size in between. A final replay that answers must complete it.
func FuzzSequencer(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		size := 1 + random.Int64N(60)
		empty := map[int64]bool{}
		for seq := range size {
			empty[seq+1] = random.IntN(5) == 0
		}
		epoch := "epoch"
		if !empty[1] {
			epoch = message(1).ID
		}
		base := random.Int64N(size + 1)
		s := newSequencer(nil)
		var got []Message
		if random.IntN(2) == 0 && base > 0 {
			s = newSequencer(&Position{Seq: base, Epoch: epoch})
		}
		for range random.IntN(300) {
			switch seq := 1 + random.Int64N(size); {
			case !s.started && random.IntN(20) == 0:
				at := Position{Seq: base}
				if base > 0 {
					at.Epoch = epoch
				}
				got = append(got, s.start(at)...)
			case s.started && random.IntN(10) == 0:
				upTo := min(size, s.last+random.Int64N(10))
				got = append(got, s.replay(Position{Seq: upTo, Epoch: epoch}, replay(max(0, s.last-random.Int64N(5)), upTo, empty), upTo < size)...)
			case !empty[seq]:
				got = append(got, s.live(message(seq))...)
			}
			want := replay(base, s.last, empty)
			if s.started && !slices.Equal(got, want) {
				t.Fatalf("at %d: delivered %v, want %v", s.last, seqs(got), seqs(want))
			}
		}
		if !s.started {
			got = append(got, s.start(Position{Seq: base, Epoch: epoch})...)
		}
		got = append(got, s.replay(Position{Seq: size, Epoch: epoch}, replay(s.last, size, empty), false)...)
		if want := replay(base, size, empty); !slices.Equal(got, want) || s.hasGap() || len(s.ahead) > 0 || s.position() != (Position{size, epoch}) {
			t.Fatalf("delivered %v, want %v; at %+v, %d ahead", seqs(got), seqs(want), s.position(), len(s.ahead))
		}
	})
}

// replay returns the messages of a log after a seq and up to another.
func replay(since, upTo int64, empty map[int64]bool) []Message {
	var list []Message
	for seq := since + 1; seq <= upTo; seq++ {
		if !empty[seq] {
			list = append(list, message(seq))
		}
	}
	return list
}
