package chaos

import "time"

// checkDeliveries checks that each device got exactly the log's messages for the
// time of its membership, in order and once. It returns the last positions by device
// and room.
func checkDeliveries(h *History, logs map[string]roomLog, found *findings) map[string]map[string]int64 {
	refused := map[string]*Send{}
	for _, s := range h.Sends {
		if s.Outcome == Refused {
			refused[s.Room+"\n"+s.Text] = s
		}
	}
	positions := map[string]map[string]int64{}
	for _, name := range sorted(h.Devices) {
		d := h.Devices[name]
		rooms := map[string]*membership{}
		for _, e := range d.Events {
			m := rooms[e.Room]
			if m == nil {
				m = &membership{room: e.Room, device: name, log: logs[e.Room], retention: h.Retention, arrived: h.Arrived, found: found}
				rooms[e.Room] = m
			}
			if s := refused[e.Room+"\n"+e.Text]; e.Kind == Got && s != nil {
				found.add(m.at(RefusedDelivered, e.Seq), "%q of %s was refused (%s), and %s got it as seq %d of %s",
					brief(s.Text), s.Device, s.Code, name, e.Seq, e.Room)
			}
			m.follow(e)
		}
		positions[name] = map[string]int64{}
		for _, room := range sorted(rooms) {
			positions[name][room] = rooms[room].finish()
		}
	}
	return positions
}

// state is the relation of a device to a room.
type state int

const (
	out     state = iota // it has left, is away, or never was in it
	joining              // it has asked, and has no position yet
	inside               // it has a position
)

// membership follows one device in one room.
type membership struct {
	room, device string
	log          roomLog
	retention    int64
	arrived      map[string]time.Time // by text: when the message came to the gateway
	found        *findings

	state state
	// pos is the seq up to which all messages are accounted for.
	pos int64
	// excused is the seq up to which the server said that the client missed
	// messages.
	excused int64
	// left is the answer to the leave.
	left Event
	// early are messages that came before the answer to the join, which says from
	// which seq on the client must get them.
	early []Event
	// seen are the delivered seqs since the last join without a position.
	seen map[int64]bool
}

func (m *membership) at(k Kind, seq int64) Violation {
	return Violation{Kind: k, Room: m.room, Client: m.device, Seq: seq}
}

func (m *membership) follow(e Event) {
	switch e.Kind {
	case AskedToJoin:
		if e.Seq >= 0 {
			m.begin(e.Seq)
			return
		}
		m.state, m.early = joining, nil
	case Joined:
		m.joined(e)
	case Got:
		m.got(e)
	case Left, Away:
		m.state, m.left, m.early = out, e, nil
	}
}

// begin starts accounting at a position.
func (m *membership) begin(pos int64) {
	if m.seen == nil {
		m.seen = map[int64]bool{}
	}
	m.state, m.pos = inside, pos
}

func (m *membership) joined(e Event) {
	switch m.state {
	case joining:
		m.seen, m.excused = nil, 0
		m.begin(e.Seq)
		early := m.early
		m.early = nil
		for _, got := range early {
			m.got(got)
		}
	case inside:
		if e.Recovered {
			return
		}
		if e.Seq-m.pos <= m.retention {
			m.found.add(m.at(NotRecovered, m.pos), "%s joined %s again from seq %d, and the server did not recover it up to %d, though all %d messages are in the log",
				m.device, m.room, m.pos, e.Seq, len(m.log.between(m.pos, e.Seq)))
		}
		// The newest of them may still come, but need not.
		m.excused = max(m.excused, e.Seq)
	}
}

func (m *membership) got(e Event) {
	switch m.state {
	case joining:
		m.early = append(m.early, e)
		return
	case out:
		// Messages in flight when the client left may still come.
		if m.left.At.IsZero() || m.arrived[e.Text].After(m.left.At) {
			m.found.add(m.at(Outsider, e.Seq), "%s got seq %d of %s, which was sent when it was not in the room", m.device, e.Seq, m.room)
		}
		return
	}
	entry, ok := m.log.bySeq[e.Seq]
	if !ok || entry.ID != e.ID || entry.Text != e.Text {
		m.found.add(m.at(Phantom, e.Seq), "%s got %q as seq %d of %s, where the log has %q", m.device, brief(e.Text), e.Seq, m.room, brief(entry.Text))
		return
	}
	if e.Seq <= m.pos {
		if m.seen[e.Seq] {
			m.found.add(m.at(Doubled, e.Seq), "%s got seq %d of %s more than once", m.device, e.Seq, m.room)
		} else {
			m.found.add(m.at(Disordered, e.Seq), "%s got seq %d of %s after everything up to %d", m.device, e.Seq, m.room, m.pos)
		}
		m.seen[e.Seq] = true
		return
	}
	m.missing(m.log.between(m.pos, e.Seq-1))
	m.pos, m.seen[e.Seq] = e.Seq, true
}

// missing reports skipped messages, consecutive ones as one.
func (m *membership) missing(lost []Entry) {
	for len(lost) > 0 && lost[0].Seq <= m.excused {
		lost = lost[1:]
	}
	if len(lost) == 0 {
		return
	}
	first, last := lost[0].Seq, lost[len(lost)-1].Seq
	if first == last {
		m.found.add(m.at(Missing, first), "%s never got seq %d of %s", m.device, first, m.room)
		return
	}
	m.found.add(m.at(Missing, first), "%s never got the %d messages from seq %d to %d of %s", m.device, len(lost), first, last, m.room)
}

// finish reports the messages that did not come by the end, and returns the last
// seq.
func (m *membership) finish() int64 {
	if m.state == joining {
		m.found.add(m.at(Missing, 0), "%s asked to join %s and was never let in", m.device, m.room)
	}
	if m.state == inside {
		m.missing(m.log.between(m.pos, m.log.head()))
	}
	return m.pos
}
