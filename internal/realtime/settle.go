package realtime

import (
	"context"
	"time"
)

// settleAfter is how long a seq may be without its message. Between the two a
// sender makes two calls to a table, some milliseconds; one that needs longer
// takes another seq.
const settleAfter = time.Second

// settle ends a hole in a room's log, from a seq to another, and returns the
// entries that are there then: messages that came in time, and voids. taken is
// when the seqs were given away at the latest.
//
// The sender's put and the void's are both refused where the other was first.
// So a seq is settled for ever once it is settled, and no message is lost: its
// sender sees the void and takes the message to another seq.
func (s *Service) settle(ctx context.Context, roomID string, from, to int64, taken time.Time) ([]Entry, error) {
	limit := int(to - from + 1)
	for try := 0; s.now().Sub(taken) < settleAfter; try++ {
		if err := sleep(ctx, min(backoff(try), settleAfter-s.now().Sub(taken))); err != nil {
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
