package roomlog

import (
	"context"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Recover reads what follows a position in a room's log, up to the head or as
// much as fits in a frame. Either the page is complete, or it says that it is not
// and holds the newest messages.
//
// A seq without an entry is one of two things. It is a gap: its sender took the
// seq and has not put the message yet, or crashed. Or its entry has expired and
// was deleted. What lies before tells the two apart: entries expire in the order
// in which they were made, so after an entry that is still there nothing has
// expired.
func (r *Reader) Recover(ctx context.Context, roomID string, since int64, head Head) (protocol.Page, error) {
	if head.Seq-since > r.retention.Count {
		return r.newest(ctx, roomID, head)
	}
	began := r.env.Now()
	p := newPageBuilder(head)
	anchored := since == head.Seq || r.keeps(head.StartedAt)
	next := since + 1
	from := next
	if !anchored {
		from = since // to see whether it is still there
	}
	for next <= head.Seq {
		limit := p.limit(head.Seq - from + 1)
		entries, err := r.log.Entries(ctx, roomID, Span{From: from, To: head.Seq, Limit: limit})
		if err != nil {
			return protocol.Page{}, err
		}
		last := len(entries) < limit
		if last {
			// A trailing gap ends where the head is.
			entries = append(entries, Entry{Seq: head.Seq + 1, Timestamp: head.AdvancedAt})
		}
		for _, e := range entries {
			if e.Seq <= since {
				anchored = r.keeps(e.Timestamp)
				continue
			}
			if e.Seq > next {
				// The head's own seq is known to be new.
				trailing := next == head.Seq && r.keeps(head.AdvancedAt)
				if !anchored && !trailing {
					return r.newest(ctx, roomID, head)
				}
				resolved, err := r.resolveGap(ctx, roomID, next, e.Seq-1, earlier(e.Timestamp, began))
				if err != nil {
					return protocol.Page{}, err
				}
				for _, found := range resolved {
					if !p.add(found) {
						return p.page(found.Seq-1, true), nil
					}
				}
			}
			if e.Seq > head.Seq {
				break
			}
			if !p.add(e) {
				return p.page(e.Seq-1, true), nil
			}
			anchored = anchored || r.keeps(e.Timestamp)
			next = e.Seq + 1
		}
		if last {
			break
		}
		from = next
	}
	return p.page(head.Seq, false), nil
}

// keeps reports whether an entry that was made at a time is kept for sure.
func (r *Reader) keeps(at time.Time) bool { return r.retention.keeps(at, r.env.Now()) }

// newest returns the newest messages, for a client that cannot have everything it
// missed. It names the head as the position, so it first resolves every seq up to
// the head.
func (r *Reader) newest(ctx context.Context, roomID string, head Head) (protocol.Page, error) {
	if err := r.resolveTo(ctx, roomID, head); err != nil {
		return protocol.Page{}, err
	}
	page, err := r.before(ctx, roomID, head.Seq+1, protocol.DefaultHistory, head)
	page.Seq, page.Recovered, page.More = head.Seq, false, false
	return page, err
}

// before reads the messages before a seq, up to a number of them or as many as
// fit in a frame. The page's Seq is where it begins. It resolves gaps as Recover
// does. Where a gap cannot be distinguished from expired entries, the log begins.
func (r *Reader) before(ctx context.Context, roomID string, before int64, count int, head Head) (protocol.Page, error) {
	began := r.env.Now()
	p := newPageBuilder(head)
	first := max(1, head.Seq-r.retention.Count+1) // what lies before is not kept
	to := min(before-1, head.Seq)
	taken, err := r.takenBefore(ctx, roomID, before, head)
	if err != nil {
		return protocol.Page{}, err
	}
	for to >= first {
		limit := p.limit(to - first + 1)
		entries, err := r.log.Entries(ctx, roomID, Span{From: first, To: to, Limit: limit, Newest: true})
		if err != nil {
			return protocol.Page{}, err
		}
		last := len(entries) < limit
		if last { // a leading gap begins where the log does
			entries = slices.Insert(entries, 0, Entry{Seq: first - 1, Timestamp: head.StartedAt})
		}
		for _, e := range slices.Backward(entries) {
			found := []Entry{e}
			gap := e.Seq + 1
			if !r.keeps(e.Timestamp) {
				gap = to + 1 // or else it may have expired
				if to == head.Seq && r.keeps(taken) {
					gap = to // which is known to be new
				}
			}
			if e.Seq < to && gap <= to {
				resolved, err := r.resolveGap(ctx, roomID, gap, to, earlier(taken, began))
				if err != nil {
					return protocol.Page{}, err
				}
				found = append(found, resolved...)
			}
			for _, f := range slices.Backward(found) {
				if f.Seq < first {
					break
				}
				if len(p.messages) == count || !p.prepend(f) {
					return p.page(f.Seq+1, true), nil
				}
			}
			to, taken = e.Seq-1, e.Timestamp
		}
		if last {
			break
		}
	}
	return p.page(first, false), nil
}

// takenBefore returns when the seqs before one were given out at the latest:
// before the next entry was made.
func (r *Reader) takenBefore(ctx context.Context, roomID string, before int64, head Head) (time.Time, error) {
	if before > head.Seq {
		return head.AdvancedAt, nil
	}
	next, err := r.log.Entries(ctx, roomID, Span{From: before, To: head.Seq, Limit: 1})
	if err != nil || len(next) == 0 {
		return head.AdvancedAt, err
	}
	return next[0].Timestamp, nil
}
