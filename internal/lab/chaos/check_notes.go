package chaos

import (
	"slices"
	"strings"
	"time"
)

// checkNotesOrder checks the inboxes that guests read. Their ids ascend: a client
// reads the next page with the last id as since, so an id out of order would be
// skipped or read again. And the notifications of a sender are in the order in
// which they were sent. An id has the time of the function that accepted the
// notification, so only notifications that are further apart than two clocks may
// be wrong are compared.
func checkNotesOrder(h *History, found *findings) {
	byID := map[string]*Notify{}
	for _, n := range h.Notifies {
		if n.Outcome == Acked {
			byID[n.ID] = n
		}
	}
	for _, g := range h.Guests {
		for _, a := range g.Asked {
			if i := descending(a.IDs); i > 0 {
				found.add(Violation{Kind: NotesOrder, Client: g.User},
					"the inbox of %s lists id %s after %s, so the next page would not begin after the last id", g.User, a.IDs[i], a.IDs[i-1])
			}
			if first, second := disordered(a.IDs, byID); first != nil {
				found.add(Violation{Kind: NotesOrder, Client: g.User},
					"the inbox of %s has %q before %q, which %s sent %v earlier", g.User, first.Text, second.Text, first.Device, since(first.SentAt, second.AckedAt))
			}
		}
	}
}

// checkNotesPosted holds the posts to a connection to the order in which each
// sender notified its user. One that was acknowledged was posted before, unless a
// job was queued for it, so it comes before one that was sent after that.
func checkNotesPosted(h *History, found *findings) {
	bySender := map[string][]*Notify{}
	for _, n := range h.Notifies {
		if n.Outcome == Acked {
			bySender[n.Device] = append(bySender[n.Device], n)
		}
	}
	first := map[string]map[string]Post{} // by connection and notification
	for id, c := range h.Connections {
		first[id] = map[string]Post{}
		for _, p := range c.Posts {
			if before, ok := first[id][p.NotificationID]; p.NotificationID != "" && (!ok || p.At.Before(before.At)) {
				first[id][p.NotificationID] = p
			}
		}
	}
	for _, sender := range sorted(bySender) {
		for _, n := range bySender[sender] {
			for _, next := range bySender[sender] {
				if n.AckedAt.IsZero() || !n.AckedAt.Before(next.SentAt) {
					continue
				}
				for _, id := range sorted(h.Connections) {
					c := h.Connections[id]
					a, b := first[id][n.ID], first[id][next.ID]
					if c.doubted || !slices.Contains(n.Users, c.User) || !c.Opened.Before(n.SentAt) || a.At.IsZero() || b.At.IsZero() || strings.HasSuffix(a.By, broadcaster) {
						continue
					}
					if late := a.At.Sub(b.At); late > 0 {
						found.add(Violation{Kind: NotesOrder, Client: c.Device},
							"%q of %s was first posted to connection %s of %s %v after %q, which was sent later", n.Text, sender, id, c.Device, late.Round(time.Millisecond), next.Text)
					}
				}
			}
		}
	}
}

// descending returns the index of the first id that is not above the one before
// it, 0 if all ascend.
func descending(ids []string) int {
	for i := 1; i < len(ids); i++ {
		if ids[i] <= ids[i-1] {
			return i
		}
	}
	return 0
}

// disordered returns two notifications of one sender of which the first in the
// inbox was sent last, or nil.
func disordered(ids []string, byID map[string]*Notify) (first, second *Notify) {
	newest := map[string]*Notify{} // so far, by sender
	for _, id := range ids {
		n := byID[id]
		if n == nil {
			continue
		}
		before := newest[n.Device]
		if before != nil && before.SentAt.Sub(n.AckedAt) > 2*clockError {
			return before, n
		}
		if before == nil || n.SentAt.After(before.SentAt) {
			newest[n.Device] = n
		}
	}
	return nil, nil
}
