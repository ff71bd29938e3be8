package fanout

import (
	"slices"
	"time"
)

// measurements are the measurements of some messages to the same rooms.
type measurements struct {
	walls, acks      []time.Duration
	posts            int
	missing, doubled int
	mostInAir        int
	functions        []Function
	used             cost
}

// add adds one message, and what the stack was used for meanwhile.
func (m *measurements) add(d delivered, after, before cost, functions []Function) {
	m.walls, m.acks = append(m.walls, d.wall), append(m.acks, d.acks...)
	m.posts += d.members
	m.missing, m.doubled = m.missing+d.missing, m.doubled+d.doubled
	m.mostInAir = max(m.mostInAir, d.mostInAir)
	m.used.write += after.write - before.write
	m.used.read += after.read - before.read
	m.used.queue += after.queue - before.queue
	m.used.messages += after.messages - before.messages + d.billed
	m.used.lambda += after.lambda - before.lambda
	m.used.gbSeconds += after.gbSeconds - before.gbSeconds
	m.used.logMegabyte += after.logMegabyte - before.logMegabyte
	for _, f := range functions {
		i := slices.IndexFunc(m.functions, func(known Function) bool { return known.Handler == f.Handler })
		if i < 0 {
			m.functions = append(m.functions, f)
			continue
		}
		f.CPU += m.functions[i].CPU
		m.functions[i] = f
	}
}

func (m *measurements) size(members, rooms, shards int) Size {
	n := float64(len(m.walls))
	s := Size{
		Members: members, Rooms: rooms, Shards: max(shards, 1), Messages: len(m.walls),
		Wall: timesOf(m.walls), Ack: timesOf(m.acks),
		Missing: m.missing, Doubled: m.doubled, MostInAir: m.mostInAir, Functions: m.functions,
		PerMessage: Billed{
			WriteUnits: m.used.write / n, ReadUnits: m.used.read / n, QueueRequests: float64(m.used.queue) / n,
			BilledMessages: float64(m.used.messages) / n, FunctionCalls: float64(m.used.lambda) / n,
			GBSeconds: m.used.gbSeconds / n, LogMegabytes: m.used.logMegabyte / n,
		},
	}
	s.DeliveriesPerSecond = 1000 * ratio(float64(members), s.Wall.P50)
	for _, f := range m.functions {
		s.CPUPerPost += 1000 * f.CPU / float64(m.posts)
	}
	return s
}
