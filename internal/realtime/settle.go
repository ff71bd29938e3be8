package realtime

import (
	"context"
	"time"
)

const (
	// settleAfter is how long a seq may be without its message. Between the
	// two a sender makes two calls to a table, some milliseconds; one that
	// needs longer takes another seq.
	settleAfter = time.Second
	// settlePoll is how often is looked whether the message has come.
	settlePoll = 50 * time.Millisecond
)

// settle ends a hole in a room's log, from a seq to another, and returns the
// entries that are there then: messages that came in time, and voids. taken is
// when the seqs were given away at the latest.
//
// The sender's put and the void's are both refused where the other was first.
// So a seq is settled for ever once it is settled, and no message is lost: its
// sender sees the void and takes the message to another seq.
func (s *Service) settle(ctx context.Context, roomID string, from, to int64, taken time.Time) ([]Entry, error) {
	limit := int(to - from + 1)
	for s.now().Sub(taken) < settleAfter {
		if err := sleep(ctx, settlePoll); err != nil {
			return nil, err
		}
		entries, err := s.log.Entries(ctx, roomID, Span{From: from, To: to, Limit: limit})
		if err != nil || len(entries) == limit {
			return entries, err
		}
	}
	entries := make([]Entry, 0, limit)
	for seq := from; seq <= to; seq++ {
		there, err := s.log.Put(ctx, s.void(roomID, seq, taken))
		if err != nil {
			return nil, err
		}
		entries = append(entries, there)
	}
	return entries, nil
}
