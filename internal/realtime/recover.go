package realtime

import (
	"context"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// recover reads what follows a position in a room's log, up to the head or as
// much as fits in a frame. The page is whole, or it says that it is not and
// holds the newest messages.
//
// A seq without an entry is one of two things. It is a hole: its sender took
// the seq and has not put the message yet, or died. Or its entry has expired
// and was deleted. The two are told apart by what lies before: entries expire
// in the order in which they were made, so after one that is there, nothing
// has expired.
func (s *Service) recover(ctx context.Context, roomID string, since int64, head Head) (protocol.Page, error) {
	if head.Seq-since > s.retention.Count {
		return s.newest(ctx, roomID, head)
	}
	began := s.now()
	p := newPageBuilder(head)
	anchored := since == head.Seq || s.kept(head.StartedAt)
	next := since + 1
	from := next
	if !anchored {
		from = since // to see whether it is still there
	}
	for next <= head.Seq {
		limit := p.limit(head.Seq - from + 1)
		entries, err := s.log.Entries(ctx, roomID, Span{From: from, To: head.Seq, Limit: limit})
		if err != nil {
			return protocol.Page{}, err
		}
		last := len(entries) < limit
		if last {
			// A trailing hole ends where the head is.
			entries = append(entries, Entry{Seq: head.Seq + 1, Timestamp: head.AdvancedAt})
		}
		for _, e := range entries {
			if e.Seq <= since {
				anchored = s.kept(e.Timestamp)
				continue
			}
			if e.Seq > next {
				// The head's own seq is known to be new.
				trailing := next == head.Seq && s.kept(head.AdvancedAt)
				if !anchored && !trailing {
					return s.newest(ctx, roomID, head)
				}
				settled, err := s.settle(ctx, roomID, next, e.Seq-1, earlier(e.Timestamp, began))
				if err != nil {
					return protocol.Page{}, err
				}
				for _, found := range settled {
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
			anchored = anchored || s.kept(e.Timestamp)
			next = e.Seq + 1
		}
		if last {
			break
		}
		from = next
	}
	return p.page(head.Seq, false), nil
}

// kept reports whether what was made at a time is kept for sure, with a margin
// for clocks that differ, and for the messages of copies: they carry the time
// of the first copy, and lie among later ones.
func (s *Service) kept(at time.Time) bool {
	const margin = SendWindow + 2*time.Minute
	return s.now().Sub(at) < s.retention.Age-margin
}

// newest returns the newest messages, for a client that cannot have all that
// it missed. It names the head, so every seq up to it is settled first.
func (s *Service) newest(ctx context.Context, roomID string, head Head) (protocol.Page, error) {
	if err := s.settleTo(ctx, roomID, head); err != nil {
		return protocol.Page{}, err
	}
	page, err := s.before(ctx, roomID, head.Seq+1, protocol.DefaultHistory, head)
	page.Seq, page.Recovered, page.More = head.Seq, false, false
	return page, err
}

// before reads the messages before a seq, up to a number of them or as many as
// fit in a frame. The page's Seq is where it begins. Holes are settled as in
// recover; where they cannot be told from what has expired, the log begins.
func (s *Service) before(ctx context.Context, roomID string, before int64, count int, head Head) (protocol.Page, error) {
	began := s.now()
	p := newPageBuilder(head)
	first := max(1, head.Seq-s.retention.Count+1) // what lies before is not kept
	to := min(before-1, head.Seq)
	taken, err := s.takenBefore(ctx, roomID, before, head)
	if err != nil {
		return protocol.Page{}, err
	}
	for to >= first {
		limit := p.limit(to - first + 1)
		entries, err := s.log.Entries(ctx, roomID, Span{From: first, To: to, Limit: limit, Newest: true})
		if err != nil {
			return protocol.Page{}, err
		}
		last := len(entries) < limit
		if last { // a leading hole begins where the log does
			entries = slices.Insert(entries, 0, Entry{Seq: first - 1, Timestamp: head.StartedAt})
		}
		for _, e := range slices.Backward(entries) {
			found := []Entry{e}
			hole := e.Seq + 1
			if !s.kept(e.Timestamp) {
				hole = to + 1 // or else it may have expired
				if to == head.Seq && s.kept(taken) {
					hole = to // which is known to be new
				}
			}
			if e.Seq < to && hole <= to {
				settled, err := s.settle(ctx, roomID, hole, to, earlier(taken, began))
				if err != nil {
					return protocol.Page{}, err
				}
				found = append(found, settled...)
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

// takenBefore returns when the seqs before one were given away at the latest:
// before the next entry was made.
func (s *Service) takenBefore(ctx context.Context, roomID string, before int64, head Head) (time.Time, error) {
	if before > head.Seq {
		return head.AdvancedAt, nil
	}
	next, err := s.log.Entries(ctx, roomID, Span{From: before, To: head.Seq, Limit: 1})
	if err != nil || len(next) == 0 {
		return head.AdvancedAt, err
	}
	return next[0].Timestamp, nil
}

// checkPoint refuses a position that was never one of the room's log.
func checkPoint(at *protocol.Point, head Head) error {
	if at == nil {
		return nil
	}
	anyEpoch := at.Seq == 0 && at.Epoch == ""
	switch {
	case !anyEpoch && at.Epoch != head.Epoch:
		return protocol.Errorf(protocol.CodeUnknownPosition,
			"epoch: is not the room's, whose log has started anew: join without since and epoch, and fetch again what you show")
	case at.Seq > head.Seq:
		return protocol.Errorf(protocol.CodeUnknownPosition,
			"since: %d is beyond the room's newest message: join without since and epoch, and fetch again what you show", at.Seq)
	}
	return nil
}
