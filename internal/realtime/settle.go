package realtime

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// settleAfter is how long a seq may be without its message. Between the two a
	// sender makes two calls to a table, some milliseconds; one that needs longer
	// takes another seq.
	settleAfter = time.Second

	// landable is for how long after a seq was taken an entry may still be put
	// there. A message's put is signed within settleAfter of taking the seq, or of
	// reading the claim that names it, which counts for SendWindow and a minute.
	// DynamoDB refuses a signature that is more than five minutes old
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html).
	// That makes less than twelve minutes; the rest is for clocks that differ.
	landable = 15 * time.Minute

	// maxEmptyRun bounds the seqs without an entry, one after the other, that may
	// still get one. All of them were taken within landable, no sender of them has
	// put a message or a void yet, and one after another they were taken from a
	// single item, which takes no more writes than that in a second.
	maxEmptyRun = 1000

	// firstRun is how many of these are settled at a time at first.
	firstRun = 16

	// raiseAfter is how many entries settleTo looks at until it raises the floor, so
	// that the next one does not read them again. It costs a write. An entry counts
	// once more for every entryBytes of its message: so no more than some 40 KB, 11
	// read units, are read again and again.
	raiseAfter = 64
	entryBytes = 512
)

// settleTo settles every seq of a room's log up to its head, so that no entry can
// appear at or below it any more. It has to be done before a client is given the
// head as its position: a message that appeared below that would never reach the
// client.
func (s *Service) settleTo(ctx context.Context, roomID string, head Head) error {
	looked, err := s.settleDown(ctx, roomID, head)
	if err != nil {
		return fmt.Errorf("settle the log of room %q up to its head: %w", roomID, err)
	}
	if looked < raiseAfter {
		return nil
	}
	if err := s.log.Raise(ctx, roomID, head.Epoch, head.Seq); err != nil {
		s.logger.WarnContext(ctx, "could not raise the floor of a room, the next join reads its log again", "roomId", roomID, "error", err)
	}
	return nil
}

// settleDown settles the seqs up to the head, and returns how many entries it
// looked at, large ones several times, see raiseAfter.
//
// It reads from the head down to the floor, or to an entry so old that nothing
// below it can change. Whether a seq is settled is decided by what is stored
// there, never by a clock: clocks only say how long to wait for a sender.
func (s *Service) settleDown(ctx context.Context, roomID string, head Head) (looked int, err error) {
	began := s.now()
	to, taken := head.Seq, earlier(head.AdvancedAt, began) // what is left to settle, and when its last seq was taken at the latest
	for limit := firstRead; to > head.Floor && s.canLand(taken); limit = min(2*limit, mostRead) {
		entries, err := s.log.Entries(ctx, roomID, Span{From: head.Floor + 1, To: to, Limit: limit, Newest: true})
		if err != nil {
			return looked, err
		}
		for _, e := range slices.Backward(entries) {
			if e.Seq < to {
				if _, err := s.settle(ctx, roomID, e.Seq+1, to, taken); err != nil {
					return looked, err
				}
			}
			looked += int(to-e.Seq+1) + len(e.Message)/entryBytes
			to, taken = e.Seq-1, earlier(e.Timestamp, began)
			if !s.canLand(taken) {
				return looked, nil
			}
		}
		if len(entries) < limit {
			n, err := s.settleRun(ctx, roomID, head.Floor+1, to, taken)
			return looked + n, err
		}
	}
	return looked, nil
}

// settleRun settles the seqs below the lowest entry of a log that has not
// expired, from the last one down, and returns how many it looked at. What lies
// there is, from some seq on, expired and maybe deleted, which nothing tells
// apart from a seq whose sender is still at work.
func (s *Service) settleRun(ctx context.Context, roomID string, first, to int64, taken time.Time) (looked int, err error) {
	first = max(first, to-maxEmptyRun+1)
	for run := int64(firstRun); to >= first; run *= 2 {
		from := max(first, to-run+1)
		settled, err := s.settle(ctx, roomID, from, to, taken)
		if err != nil {
			return looked, err
		}
		looked += len(settled)
		if !s.canLand(settled[0].Timestamp) { // it had an entry, and so has expired
			break
		}
		to = from - 1
	}
	return looked, nil
}

// canLand reports whether an entry may still be put at a seq that was taken at
// some time.
func (s *Service) canLand(taken time.Time) bool { return s.now().Sub(taken) < landable }

// earlier returns the earlier of two times. Who settles several holes one after the
// other knows that all their seqs were taken before it began, whatever the clocks
// of their senders say, and waits no longer for all than for one.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// settle ends a hole in a room's log, from a seq to another, and returns the
// entries that are there then: messages that came in time, and voids. taken is
// when the seqs were given away at the latest. A clock that is ahead does not
// make it wait longer.
//
// The sender's put and the void's are both refused where the other was first.
// So a seq is settled for ever once it is settled, and no message is lost: its
// sender sees the void and takes the message to another seq.
func (s *Service) settle(ctx context.Context, roomID string, from, to int64, taken time.Time) ([]Entry, error) {
	limit := int(to - from + 1)
	until := s.now().Add(min(settleAfter-s.now().Sub(taken), settleAfter))
	for try := 0; s.now().Before(until); try++ {
		if err := sleep(ctx, min(backoff(try), until.Sub(s.now()))); err != nil {
			return nil, err
		}
		entries, err := s.log.Entries(ctx, roomID, Span{From: from, To: to, Limit: limit})
		if err != nil || len(entries) == limit {
			return entries, err
		}
	}
	entries := make([]Entry, limit)
	err := atOnce(limit, func(i int) (err error) {
		entries[i], err = s.log.Put(ctx, s.void(roomID, from+int64(i), taken))
		return err
	})
	return entries, err
}
