package chaos

import "slices"

// checkPages compares the pages that were read with the logs.
func checkPages(h *History, logs map[string]roomLog, found *findings) {
	for _, p := range h.Pages {
		end := p.Before - 1
		if p.Before == 0 && len(p.Messages) > 0 {
			end = p.Messages[len(p.Messages)-1].Seq
		}
		want := logs[p.Room].between(p.Begin-1, end)
		if p.Before == 0 && len(p.Messages) == 0 || slices.Equal(want, p.Messages) {
			continue
		}
		found.add(Violation{Kind: WrongPage, Room: p.Room, Client: p.Device, Seq: firstDifference(want, p.Messages)},
			"%s read the messages from seq %d to %d of %s and was given %d, where the log has %d; they differ at seq %d",
			p.Device, p.Begin, end, p.Room, len(p.Messages), len(want), firstDifference(want, p.Messages))
	}
}

// firstDifference returns the first seq at which two parts of a log differ.
func firstDifference(a, b []Entry) int64 {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return min(a[i].Seq, b[i].Seq)
		}
	}
	longer := a
	if len(b) > len(a) {
		longer = b
	}
	return longer[min(len(a), len(b))].Seq
}
