package chaos

// roomLog is a room's log with indexes.
type roomLog struct {
	entries []Entry
	bySeq   map[int64]Entry
	byText  map[string][]Entry
}

func indexLogs(h *History) map[string]roomLog {
	logs := map[string]roomLog{}
	for room, entries := range h.Logs {
		l := roomLog{entries: entries, bySeq: map[int64]Entry{}, byText: map[string][]Entry{}}
		for _, e := range entries {
			l.bySeq[e.Seq] = e
			l.byText[e.Text] = append(l.byText[e.Text], e)
		}
		logs[room] = l
	}
	return logs
}

// head returns the seq of the newest message, 0 if the log is empty.
func (l roomLog) head() int64 {
	if len(l.entries) == 0 {
		return 0
	}
	return l.entries[len(l.entries)-1].Seq
}

// between returns the messages after one seq and up to another.
func (l roomLog) between(after, upTo int64) []Entry {
	var some []Entry
	for _, e := range l.entries {
		if e.Seq > after && e.Seq <= upTo {
			some = append(some, e)
		}
	}
	return some
}

// checkLogs compares the sends with the logs: acknowledged messages are there once
// and as the ack says, refused ones are not, and there are no others.
func checkLogs(h *History, logs map[string]roomLog, found *findings) {
	sent := map[string]*Send{}
	for _, s := range h.Sends {
		sent[s.Room+"\n"+s.Text] = s
		checkSend(s, logs[s.Room], found)
	}
	for _, room := range sorted(h.Logs) {
		for _, e := range h.Logs[room] {
			s := sent[room+"\n"+e.Text]
			if s == nil || s.User != e.User {
				found.add(Violation{Kind: Foreign, Room: room, Client: e.User, Seq: e.Seq},
					"seq %d of %s holds %q by %s, which no client of that user sent there", e.Seq, room, brief(e.Text), e.User)
			}
		}
	}
}

func checkSend(s *Send, l roomLog, found *findings) {
	at := Violation{Room: s.Room, Client: s.Device}
	entries := l.byText[s.Text]
	if len(entries) > 1 {
		at.Kind, at.Seq = LoggedTwice, entries[1].Seq
		found.add(at, "%q of %s is at the seqs %d and %d of %s", brief(s.Text), s.Device, entries[0].Seq, entries[1].Seq, s.Room)
	}
	switch s.Outcome {
	case Acked:
		for _, r := range s.Receipts {
			e, ok := l.bySeq[r.Seq]
			at.Kind, at.Seq = LostAck, r.Seq
			switch {
			case !ok:
				found.add(at, "%q of %s was acknowledged with seq %d of %s, where the log has nothing", brief(s.Text), s.Device, r.Seq, s.Room)
			case e.Text != s.Text || e.ID != r.ID || e.Timestamp != r.Timestamp:
				found.add(at, "%q of %s was acknowledged with seq %d, id %s and timestamp %d of %s, where %q with id %s and timestamp %d is",
					brief(s.Text), s.Device, r.Seq, r.ID, r.Timestamp, s.Room, brief(e.Text), e.ID, e.Timestamp)
			}
		}
		for _, r := range s.Receipts[1:] {
			if r != s.Receipts[0] {
				at.Kind, at.Seq = AcksDiffer, r.Seq
				found.add(at, "two copies of %q of %s were acknowledged with %+v and %+v", brief(s.Text), s.Device, s.Receipts[0], r)
			}
		}
	case Refused:
		if len(entries) > 0 {
			at.Kind, at.Seq = RefusedLogged, entries[0].Seq
			found.add(at, "%q of %s was refused (%s), and is at seq %d of %s", brief(s.Text), s.Device, s.Code, entries[0].Seq, s.Room)
		}
	case Open:
		at.Kind = Unanswered
		found.add(at, "%q of %s to %s was never answered", brief(s.Text), s.Device, s.Room)
	}
}

// checkOrder checks that each device's messages are in the order in which it sent
// them.
func checkOrder(h *History, logs map[string]roomLog, found *findings) {
	type line struct {
		device, room string
		life         int
	}
	last := map[line]Entry{}
	for _, s := range h.Sends {
		entries := logs[s.Room].byText[s.Text]
		if !s.Ordered || len(entries) == 0 {
			continue
		}
		of, e := line{s.Device, s.Room, s.Life}, entries[0]
		if before := last[of]; before.Seq > e.Seq {
			found.add(Violation{Kind: SenderOrder, Room: s.Room, Client: s.Device, Seq: e.Seq},
				"%s sent %q before %q, and they are at the seqs %d and %d of %s",
				s.Device, brief(before.Text), brief(e.Text), before.Seq, e.Seq, s.Room)
			continue
		}
		last[of] = e
	}
}
