package chaos

import "slices"

// checkInboxes follows the notifications: each that was acknowledged to its
// sender has reached every device of its recipients once, or waits for them,
// or was counted as dropped.
func checkInboxes(h *History, found *findings) {
	devices := map[string][]*Device{}
	for _, name := range sorted(h.Devices) {
		d := h.Devices[name]
		devices[d.User] = append(devices[d.User], d)
		checkNotified(h, d, found)
	}
	lost := map[string][]*Notify{} // by user: those that left no trace
	for _, n := range h.Notifies {
		if n.Outcome == Open {
			found.add(Violation{Kind: Unanswered, Client: n.Device}, "the notification %q of %s was never answered", n.Text, n.Device)
		}
		if n.Outcome != Acked {
			continue
		}
		for _, user := range n.Users {
			if slices.Contains(h.Inboxes[user].IDs, n.ID) || h.Acknowledged[user][n.ID] {
				continue
			}
			if !slices.ContainsFunc(devices[user], func(d *Device) bool { return d.HearsNotifications && !d.was(n.ID) }) {
				continue
			}
			lost[user] = append(lost[user], n)
		}
		checkNotePosted(h, n, found)
	}
	for _, user := range sorted(lost) {
		// A full inbox drops notifications; the client does not learn which.
		if dropped := h.Inboxes[user].Dropped; int64(len(lost[user])) > dropped {
			n := lost[user][0]
			found.add(Violation{Kind: NotificationLost, Client: user},
				"%d notifications for %s, such as %s (%q) of %s, were acknowledged, are not in the inbox and have not reached every device; %d were counted as dropped",
				len(lost[user]), user, n.ID, n.Text, n.Device, dropped)
		}
	}
	for _, user := range sorted(h.Inboxes) {
		for _, id := range h.Inboxes[user].IDs {
			if h.Acknowledged[user][id] {
				found.add(Violation{Kind: NotificationKept, Client: user}, "%s has acknowledged notification %s, and it is still in the inbox", user, id)
			}
		}
	}
}

// checkNotePosted looks whether an acknowledged notification was posted, at least
// tried, to every connection of its users that was open from before it was sent
// until the end.
func checkNotePosted(h *History, n *Notify, found *findings) {
	for _, id := range sorted(h.Connections) {
		c := h.Connections[id]
		if !slices.Contains(n.Users, c.User) || !c.Opened.Before(n.SentAt) || !c.Closed.IsZero() || c.doubted || h.Acknowledged[c.User][n.ID] {
			continue
		}
		tried := slices.ContainsFunc(c.Posts, func(p Post) bool { return p.NotificationID == n.ID })
		if tried || isPending(h, c.ID, n.ID) {
			continue
		}
		found.add(Violation{Kind: NeverPosted, Client: c.Device},
			"connection %s of %s was open from before notification %s (%q) was sent until the end, and nobody tried to post it there", c.ID, c.Device, n.ID, n.Text)
	}
}

// isPending reports whether a queued job names a connection for a notification.
func isPending(h *History, connection, id string) bool {
	return slices.ContainsFunc(slices.Concat(h.DLQ, h.Queued), func(j Job) bool {
		return j.NotificationID == id && slices.ContainsFunc(j.Pending, func(o Recipient) bool { return o.ConnectionID == connection })
	})
}

// was says whether the device was given a notification.
func (d *Device) was(id string) bool {
	return slices.ContainsFunc(d.Notified, func(n Notified) bool { return n.ID == id })
}

// checkNotified looks at what one device was given.
func checkNotified(h *History, d *Device, found *findings) {
	type once struct {
		life int
		id   string
	}
	seen := map[once]bool{}
	for _, got := range d.Notified {
		if seen[once{got.Life, got.ID}] {
			found.add(Violation{Kind: NotificationDoubled, Client: d.Name}, "%s was given notification %s (%q) more than once", d.Name, got.ID, got.Text)
		}
		seen[once{got.Life, got.ID}] = true
		sent := slices.ContainsFunc(h.Notifies, func(n *Notify) bool {
			return n.Text == got.Text && slices.Contains(n.Users, d.User) && (n.ID == "" || n.ID == got.ID)
		})
		if !sent {
			found.add(Violation{Kind: NotificationPhantom, Client: d.Name}, "%s was given notification %s (%q), which nobody sent to %s", d.Name, got.ID, got.Text, d.User)
		}
	}
}
