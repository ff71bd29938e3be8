package roomlog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// gapTimeout is how long a seq may be without its message. Between taking the
	// seq and putting the message a sender makes two calls to a table, a few
	// milliseconds. A sender that needs longer takes another seq.
	gapTimeout = time.Second

	// lateWrites is for how long after a seq was taken an entry may still be put
	// there. The put of a message is signed within gapTimeout of taking the seq, or
	// of reading the claim that names it, which counts for sends.Window and a
	// minute. DynamoDB refuses a signature that is more than five minutes old
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html).
	// That makes less than twelve minutes; the rest is for clocks that differ.
	lateWrites = 15 * time.Minute

	// maxGap limits the consecutive seqs without an entry that may still get one.
	// All of them were taken within lateWrites, no sender of them has put a message
	// or a tombstone yet, and all were taken from a single item, one after another,
	// which takes no more writes than that in a second.
	maxGap = 1000

	// firstRun is how many of these are resolved at a time at first.
	firstRun = 16

	// raiseAfter is how many entries resolveTo reads before it raises the floor, so
	// that the next call does not read them again. Raising costs a write. An entry
	// counts once more for every entryBytes of its message: so no more than some
	// 40 KB, 11 read units, are read again and again.
	raiseAfter = 64
	entryBytes = 512
)

// resolveTo resolves every seq of a room's log up to its head, so that no entry
// can appear at or below it any more. It must be done before a client is given
// the head as its position: a message that appeared below that position would
// never reach the client.
func (r *Reader) resolveTo(ctx context.Context, roomID string, head Head) error {
	read, err := r.resolveDown(ctx, roomID, head)
	if err != nil {
		return fmt.Errorf("resolve the gaps of room %q up to its head: %w", roomID, err)
	}
	if read < raiseAfter {
		return nil
	}
	if err := r.log.Raise(ctx, roomID, head.Epoch, head.Seq); err != nil {
		r.env.Logger.WarnContext(ctx, "could not raise the floor of a room, the next join reads its log again", "roomId", roomID, "error", err)
	}
	return nil
}

// resolveDown resolves the seqs up to the head, and returns how many entries it
// read. Large ones count several times, see raiseAfter.
//
// It reads from the head down to the floor, or to an entry so old that nothing
// below it can change. Whether a seq is resolved is decided by what is stored
// there, never by a clock: clocks only say how long to wait for a sender.
func (r *Reader) resolveDown(ctx context.Context, roomID string, head Head) (read int, err error) {
	began := r.env.Now()
	to, taken := head.Seq, earlier(head.AdvancedAt, began) // what is left to resolve, and when its last seq was taken at the latest
	for limit := firstRead; to > head.Floor && r.mayAppear(taken); limit = min(2*limit, maxRead) {
		entries, err := r.log.Entries(ctx, roomID, Span{From: head.Floor + 1, To: to, Limit: limit, Newest: true})
		if err != nil {
			return read, err
		}
		for _, e := range slices.Backward(entries) {
			if e.Seq < to {
				if _, err := r.resolveGap(ctx, roomID, e.Seq+1, to, taken); err != nil {
					return read, err
				}
			}
			read += int(to-e.Seq+1) + len(e.Message)/entryBytes
			to, taken = e.Seq-1, earlier(e.Timestamp, began)
			if !r.mayAppear(taken) {
				return read, nil
			}
		}
		if len(entries) < limit {
			n, err := r.resolveLowest(ctx, roomID, head.Floor+1, to, taken)
			return read + n, err
		}
	}
	return read, nil
}

// resolveLowest resolves the seqs below the lowest entry of a log that has not
// expired, from the last one down, and returns how many it read. From some seq
// down, the entries there have expired and may be deleted, which looks the same
// as a seq whose sender is still at work.
func (r *Reader) resolveLowest(ctx context.Context, roomID string, first, to int64, taken time.Time) (read int, err error) {
	first = max(first, to-maxGap+1)
	for run := int64(firstRun); to >= first; run *= 2 {
		from := max(first, to-run+1)
		resolved, err := r.resolveGap(ctx, roomID, from, to, taken)
		if err != nil {
			return read, err
		}
		read += len(resolved)
		if !r.mayAppear(resolved[0].Timestamp) { // it had an entry, and so has expired
			break
		}
		to = from - 1
	}
	return read, nil
}

// mayAppear reports whether an entry may still be put at a seq that was taken at
// a time.
func (r *Reader) mayAppear(taken time.Time) bool { return r.env.Now().Sub(taken) < lateWrites }

// earlier returns the earlier of two times. A reader that resolves several gaps
// one after the other knows that all their seqs were taken before it began,
// whatever the clocks of their senders say, and waits no longer for all than for
// one.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// resolveGap ends a gap in a room's log, from one seq to another, and returns the
// entries that are there then: messages that came in time, and tombstones. taken
// is when the seqs were given out at the latest. A clock that is ahead does not
// make it wait longer.
//
// Sender and reader both put their entry only if the seq has none: the
// message or the tombstone, whichever is first, refuses the other. So a seq stays
// resolved once it is resolved, and no message is lost: its sender sees the
// tombstone and takes the message to another seq.
func (r *Reader) resolveGap(ctx context.Context, roomID string, from, to int64, taken time.Time) ([]Entry, error) {
	limit := int(to - from + 1)
	until := r.env.Now().Add(min(gapTimeout-r.env.Now().Sub(taken), gapTimeout))
	for attempt := 0; r.env.Now().Before(until); attempt++ {
		if err := retry.Sleep(ctx, min(base.Backoff(attempt), until.Sub(r.env.Now()))); err != nil {
			return nil, err
		}
		entries, err := r.log.Entries(ctx, roomID, Span{From: from, To: to, Limit: limit})
		if err != nil || len(entries) == limit {
			return entries, err
		}
	}
	entries := make([]Entry, limit)
	err := base.ForEach(limit, base.CallConcurrency, func(i int) (err error) {
		entries[i], err = r.log.Put(ctx, r.retention.tombstone(roomID, from+int64(i), taken))
		return err
	})
	return entries, err
}
