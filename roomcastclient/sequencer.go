package roomcastclient

import (
	"maps"
	"slices"
)

// maxAhead is how many messages a room keeps that came before an earlier one.
// What comes on top is let go, and asked for when the hole is closed.
const maxAhead = 1000

// sequencer puts the messages of one room in order: those that come live, in
// any order and number, and those of replays. It knows no time and no
// connection. Its methods return what is to be delivered, in order.
//
// Everything up to last was delivered, or never was a message, or lies before
// the start; ahead holds messages that came after a hole.
type sequencer struct {
	started bool // last is known
	last    int64
	epoch   string
	head    int64 // the highest seq heard of
	ahead   map[int64]Message
	stuck   bool // the newest replay was not whole and brought nothing
	// withheld is up to where the server replays nothing: what is missing there
	// may come by itself, but it is not asked for again.
	withheld int64
}

// newSequencer returns one that begins after a position, or, without one, where
// start will say.
func newSequencer(since *Position) sequencer {
	s := sequencer{ahead: map[int64]Message{}}
	if since != nil {
		s.started, s.last, s.epoch, s.head = true, since.Seq, since.Epoch, since.Seq
	}
	return s
}

// position returns how far the room has come.
func (s *sequencer) position() Position { return Position{Seq: s.last, Epoch: s.epoch} }

// missing reports whether there is a hole that a replay may fill, or more after
// a page.
func (s *sequencer) hasGap() bool { return s.started && s.head > max(s.last, s.withheld) }

// waiting reports whether messages wait for an earlier one.
func (s *sequencer) hasPending() bool { return s.started && len(s.ahead) > 0 }

// note takes in that a seq was given away.
func (s *sequencer) noteHead(seq int64) { s.head = max(s.head, seq) }

// live takes a message in that came by itself.
func (s *sequencer) live(m Message) []Message {
	s.noteHead(m.Seq)
	if s.started && m.Seq <= s.last {
		return nil
	}
	// The next one is taken in any case: it may be what the others wait for.
	next := s.started && m.Seq == s.last+1
	if !next && len(s.ahead) >= maxAhead {
		return nil
	}
	s.ahead[m.Seq] = m
	return s.advance()
}

// start begins after a position, which may be reached by live messages already.
func (s *sequencer) start(at Position) []Message {
	s.started, s.last, s.epoch = true, at.Seq, at.Epoch
	s.noteHead(at.Seq)
	maps.DeleteFunc(s.ahead, func(seq int64, _ Message) bool { return seq <= at.Seq })
	return s.advance()
}

// forget drops the position.
func (s *sequencer) reset() { *s = newSequencer(nil) }

// refused takes in that a position was never one of the room's log: the room's
// own is dropped if it goes back to that one.
func (s *sequencer) rejectPosition(since Position) {
	if s.started && since.Seq <= s.last && (since.Epoch == s.epoch || since.Seq == 0) {
		s.reset()
	}
}

// replayed takes in a whole replay, which began at or before last and ends at
// upTo: what is missing up to there is no message and never will be.
func (s *sequencer) replay(upTo Position, messages []Message, more bool) []Message {
	s.stuck = false
	if upTo.Epoch != "" {
		s.epoch = upTo.Epoch
	}
	s.take(messages)
	var out []Message
	for _, seq := range slices.Sorted(maps.Keys(s.ahead)) {
		if seq <= upTo.Seq {
			out = append(out, s.ahead[seq])
			delete(s.ahead, seq)
		}
	}
	s.last = max(s.last, upTo.Seq)
	s.noteHead(s.last)
	if more {
		s.noteHead(upTo.Seq + 1)
	}
	return append(out, s.advance()...)
}

// resumed takes in a replay that is not whole: the newest messages up to the
// head. It returns where it goes on from. A hole among these messages may be
// one that is still being filled, so that it stays one to be asked for; only
// when that has led nowhere is it given up.
func (s *sequencer) resume(head Position, messages []Message) (Position, []Message) {
	if !s.sameLog(head.Epoch) {
		s.reset()
	}
	from := head.Seq
	if len(messages) > 0 {
		from = messages[0].Seq - 1
	}
	from = max(from, s.last)
	at := Position{Seq: from, Epoch: head.Epoch}
	if s.stuck && from == s.last {
		return at, s.replay(head, messages, false)
	}
	moved := !s.started || from > s.last
	s.take(messages)
	s.noteHead(head.Seq)
	out := s.start(at)
	s.stuck = !moved && len(out) == 0
	return at, out
}

// sameLog reports whether an epoch is that of the room's log, which has none yet
// while it is empty.
func (s *sequencer) sameLog(epoch string) bool { return s.epoch == "" || s.epoch == epoch }

// withhold takes in that the server replays nothing up to the head, as to a
// member that may not read the history. What is missing may be on its way all
// the same, so that the position stays. It reports whether that is news.
func (s *sequencer) withhold(head Position) bool {
	news := head.Seq > s.withheld
	s.epoch, s.withheld = head.Epoch, max(s.withheld, head.Seq)
	s.noteHead(head.Seq)
	return news
}

// skip gives up what the first message ahead waits for, if the server does not
// replay that.
func (s *sequencer) skip() []Message {
	if !s.hasPending() {
		return nil
	}
	before := slices.Min(slices.Collect(maps.Keys(s.ahead))) - 1
	if before > s.withheld {
		return nil
	}
	s.last = before
	return s.advance()
}

// take puts the messages of a replay among those that are ahead.
func (s *sequencer) take(messages []Message) {
	for _, m := range messages {
		s.noteHead(m.Seq)
		if m.Seq > s.last {
			s.ahead[m.Seq] = m
		}
	}
}

// advance moves on as far as there is no hole.
func (s *sequencer) advance() []Message {
	if !s.started {
		return nil
	}
	var out []Message
	for m, ok := s.ahead[s.last+1]; ok; m, ok = s.ahead[s.last+1] {
		delete(s.ahead, m.Seq)
		s.last = m.Seq
		// An empty room has no epoch yet: the id of its first message becomes it.
		if m.Seq == 1 && s.epoch == "" {
			s.epoch = m.ID
		}
		out = append(out, m)
	}
	return out
}
