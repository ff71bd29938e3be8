package realtime

import (
	"cmp"
	"errors"
	"hash/fnv"
	"slices"
)

// ErrResized says that a room's layout was changed by somebody else first.
var ErrResized = errors.New("the room was resized meanwhile")

// Layout is how the membership of a room is split into shards, so that no key
// of the table takes more than its partition can serve. The zero Layout is that
// of a room that never was split: one shard, which is open.
type Layout struct {
	// Shards is how many there are, from number 0 on: no member is elsewhere.
	// 0 counts as 1.
	Shards int
	// Open are the shards that new members go to, in rising order. None counts
	// as shard 0.
	Open []int
	// Members is how many members there were when they were last counted.
	Members int
	// Version counts the changes.
	Version int64
}

// count returns how many shards there are.
func (l Layout) count() int { return max(l.Shards, 1) }

// takes reports whether new members may go to a shard.
func (l Layout) takes(shard int) bool { return slices.Contains(l.open(), shard) }

// place returns the shard for a new member: as long as the layout stays the
// same, always the same one for the same connection.
func (l Layout) place(connectionID string) int {
	h := fnv.New32a()
	h.Write([]byte(connectionID)) // never fails
	open := l.open()
	return open[h.Sum32()%uint32(len(open))]
}

// maxOpen bounds how many shards are open at the same time. So many take tens
// of thousands of joins a second, and their numbers are still a small part of
// the head, which every message writes.
const maxOpen = 32

// resized returns the layout for a room whose shards have so many members, at
// about size members a shard. The counts have to have been read after the
// layout: what it says to be closed and the counts say to be empty is given up.
//
// Nobody is moved. A shard that is full, or not needed any more, is closed, and
// empties by itself: no connection lives longer than two hours.
func (l Layout) resized(counts []int, size int) Layout {
	members := 0
	for _, n := range counts {
		members += n
	}
	// Half as many again as are needed now, so that a room that grew a little
	// does not split at once; and only if that is half of those there are.
	keep := len(counts)
	if enough := members*3/2/size + 1; 2*enough <= keep {
		keep = enough
	}
	shards := len(counts)
	for shards > keep && counts[shards-1] == 0 && !l.takes(shards-1) {
		shards--
	}
	open, free := emptiest(counts[:keep], size)
	// Enough places for a quarter more members: the next count comes before
	// they are taken.
	for want := max(size/2, members/4); free < want && len(open) < maxOpen; keep++ {
		full := 0
		if keep < len(counts) {
			full = counts[keep]
		}
		open, free = append(open, keep), free+max(size-full, 0)
	}
	slices.Sort(open)
	return Layout{Shards: max(shards, keep), Open: open, Members: members, Version: l.Version + 1}
}

// emptiest returns the shards that have places left, the emptiest when there
// are more than may be open, and how many places those have.
func emptiest(counts []int, size int) (open []int, free int) {
	for shard, n := range counts {
		if n < size {
			open = append(open, shard)
		}
	}
	slices.SortStableFunc(open, func(a, b int) int { return cmp.Compare(counts[a], counts[b]) })
	open = open[:min(len(open), maxOpen)]
	for _, shard := range open {
		free += size - counts[shard]
	}
	return open, free
}

// equal reports whether two layouts split a room in the same way.
func (l Layout) equal(other Layout) bool {
	return l.count() == other.count() && slices.Equal(l.open(), other.open())
}

// open returns the shards that take new members.
func (l Layout) open() []int {
	if len(l.Open) == 0 {
		return []int{0}
	}
	return l.Open
}
