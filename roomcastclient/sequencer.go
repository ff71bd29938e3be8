package roomcastclient

import (
	"maps"
	"slices"
)

// maxAhead is how many messages a room keeps that arrived before an earlier one.
// Further ones are dropped, and requested once the gap is closed.
const maxAhead = 1000

// sequencer puts the messages of one room in order: those that arrive live, in any
// order and any number of times, and those of replays. It knows neither time nor
// connections. Its methods return what is to be delivered, in order.
//
// Everything up to last was delivered, never was a message, or is before the
// start. ahead holds the messages after a gap.
type sequencer struct {
	started bool // last is known
	last    int64
	epoch   string
	head    int64 // the highest seq that is known to exist
	ahead   map[int64]Message
	stuck   bool // the newest replay was incomplete and brought nothing
	// withheld is up to where the server replays nothing: what is missing there may
	// still arrive by itself, but is not requested again.
	withheld int64
}

// newSequencer returns a sequencer that starts after a position or, if it is nil,
// where start says.
func newSequencer(since *Position) sequencer {
	s := sequencer{ahead: map[int64]Message{}}
	if since != nil {
		s.started, s.last, s.epoch, s.head = true, since.Seq, since.Epoch, since.Seq
	}
	return s
}

// position returns how far the room has come.
func (s *sequencer) position() Position { return Position{Seq: s.last, Epoch: s.epoch} }

// hasGap reports whether a replay may bring something: a gap, or more after a
// page.
func (s *sequencer) hasGap() bool { return s.started && s.head > max(s.last, s.withheld) }

// hasPending reports whether messages wait for an earlier one.
func (s *sequencer) hasPending() bool { return s.started && len(s.ahead) > 0 }

// noteHead notes that a seq exists.
func (s *sequencer) noteHead(seq int64) { s.head = max(s.head, seq) }

// live handles a message that arrived by itself.
func (s *sequencer) live(m Message) []Message {
	s.noteHead(m.Seq)
	if s.started && m.Seq <= s.last {
		return nil
	}
	// The next one is always accepted: the others may wait for it.
	next := s.started && m.Seq == s.last+1
	if !next && len(s.ahead) >= maxAhead {
		return nil
	}
	s.ahead[m.Seq] = m
	return s.advance()
}

// start starts after a position. Live messages may have gone past it already.
func (s *sequencer) start(at Position) []Message {
	s.started, s.last, s.epoch = true, at.Seq, at.Epoch
	s.noteHead(at.Seq)
	maps.DeleteFunc(s.ahead, func(seq int64, _ Message) bool { return seq <= at.Seq })
	return s.advance()
}

// reset drops the position.
func (s *sequencer) reset() { *s = newSequencer(nil) }

// rejectPosition handles that a position is not of the room's log: the sequencer
// drops its own position if it derives from that one.
func (s *sequencer) rejectPosition(since Position) {
	if s.started && since.Seq <= s.last && (since.Epoch == s.epoch || since.Seq == 0) {
		s.reset()
	}
}

// replay handles a complete replay, which began at or before last and ends at
// upTo: the numbers that are missing up to there hold no message.
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

// resume handles an incomplete replay: the newest messages up to the head. It
// returns the position from which the room continues. A gap among these messages
// may still be filled, so it stays one to be requested. It is skipped only once
// that has brought nothing.
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

// sameLog reports whether an epoch is that of the room's log. An empty log has no
// epoch yet.
func (s *sequencer) sameLog(epoch string) bool { return s.epoch == "" || s.epoch == epoch }

// withhold handles that the server replays nothing up to the head, as for a member
// that may not read the history. Missing messages may still be on their way, so
// the position stays. It reports whether that is new.
func (s *sequencer) withhold(head Position) bool {
	news := head.Seq > s.withheld
	s.epoch, s.withheld = head.Epoch, max(s.withheld, head.Seq)
	s.noteHead(head.Seq)
	return news
}

// skip skips the numbers that the first message ahead waits for, if the server
// does not replay them.
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

// take adds the messages of a replay to those that are ahead.
func (s *sequencer) take(messages []Message) {
	for _, m := range messages {
		s.noteHead(m.Seq)
		if m.Seq > s.last {
			s.ahead[m.Seq] = m
		}
	}
}

// advance delivers up to the next gap.
func (s *sequencer) advance() []Message {
	if !s.started {
		return nil
	}
	var out []Message
	for m, ok := s.ahead[s.last+1]; ok; m, ok = s.ahead[s.last+1] {
		delete(s.ahead, m.Seq)
		s.last = m.Seq
		// An empty room has no epoch. The id of the first message becomes it.
		if m.Seq == 1 && s.epoch == "" {
			s.epoch = m.ID
		}
		out = append(out, m)
	}
	return out
}
