package chaos

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// readInbox reads the inbox of a user who gets notifications one after another and
// acknowledges none. The texts of each visit differ: the second of a text would
// count as a copy of the first.
func (r *run) readInbox(ctx context.Context, name, visit string) {
	const sendEvery, readEvery = 800 * time.Millisecond, 4 * time.Second
	sender, reader := r.admitSoon(ctx, name+"-sender", guestToken, everything...), r.admitSoon(ctx, name, guestToken, everything...)
	for _, c := range []*raw{sender, reader} {
		if c != nil {
			defer c.end()
		}
	}
	if sender == nil || reader == nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() {
		r.tick(ctx, sendEvery, func(n int) bool {
			sender.notify(ctx, name, fmt.Sprintf("%s #%d", visit, n))
			return sender.isOpen() && reader.isOpen()
		})
	})
	both.Go(func() {
		r.tick(ctx, readEvery, func(int) bool {
			if reader.ask(ctx, "inbox", "", nil).Type == "inbox" {
				r.count(InboxReads, 1)
			}
			return sender.isOpen() && reader.isOpen()
		})
	})
	both.Wait()
}

// notify notifies a user with a text that no other notification has.
func (c *raw) notify(ctx context.Context, user, text string) {
	note := c.run.notifying(&Notify{Device: c.guest.Name, Users: []string{user}, Text: text, Outcome: Open})
	f := c.ask(ctx, "notify", "", map[string]any{
		"userId": user, "notification": map[string]string{"text": text}, "clientId": strings.ReplaceAll(text, " ", ""),
	})
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	switch {
	case f.Type == "ack":
		note.Outcome, note.ID, note.AckedAt = Acked, f.ID, time.Now()
	case f.Type == "error" && f.Code != "unavailable":
		note.Outcome = Refused
	default:
		note.Outcome = Unknown
	}
}
