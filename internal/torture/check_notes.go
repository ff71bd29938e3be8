package torture

// checkNotesOrder holds the inboxes that guests read to the order in which each
// sender notified the user. A notification has its place by the clock of the
// function that took it, so only those count that are further apart than clocks.
func checkNotesOrder(h *History, found *findings) {
	byID := map[string]*Notify{}
	for _, n := range h.Notifies {
		if n.Outcome == Acked {
			byID[n.ID] = n
		}
	}
	for _, g := range h.Guests {
		for _, a := range g.Asked {
			if first, second := disordered(a.IDs, byID); first != nil {
				found.add(Violation{Kind: NotesOrder, Client: g.User},
					"the inbox of %s has %q before %q, which %s sent %v earlier", g.User, first.Text, second.Text, first.Device, since(first.SentAt, second.AckedAt))
			}
		}
	}
}

// disordered returns two notifications of one sender of which the first in the
// inbox was sent last, nil when there are none.
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
