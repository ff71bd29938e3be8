// Package shard decides how the membership of a room is split into shards, so
// that no key of a table takes more load than its partition can serve. It holds
// the layout of a room and how that grows and shrinks. It reads and writes
// nothing.
package shard

import (
	"cmp"
	"errors"
	"hash/fnv"
	"slices"
)

// First is the shard that a room starts with, and the only one of a room that
// is not split.
const First = 0

// DefaultSize is about how many members share a shard. A query reads that many
// in one page, a function posts to them in a fraction of a second, and their
// heartbeats are two writes a second of the thousand that one key takes.
const DefaultSize = 500

// CountsPerShard is how often a shard is counted, on average, while as many
// members join it as it has places for.
const CountsPerShard = 16

// ErrResized is returned when another process changed a room's layout first.
var ErrResized = errors.New("the room was resized meanwhile")

// Layout is how the membership of a room is split into shards. The zero Layout
// is that of a room that was never split: one shard, which is open.
type Layout struct {
	// Shards is the number of shards, numbered from 0. No member is elsewhere.
	// 0 counts as 1.
	Shards int
	// Open are the shards that take new members, in ascending order. None counts
	// as shard 0.
	Open []int
	// Members is the number of members at the last count.
	Members int
	// Version counts the changes.
	Version int64
}

// Count returns the number of shards.
func (l Layout) Count() int { return max(l.Shards, 1) }

// Takes reports whether a shard takes new members.
func (l Layout) Takes(shard int) bool { return slices.Contains(l.OpenShards(), shard) }

// OpenShards returns the shards that take new members.
func (l Layout) OpenShards() []int {
	if len(l.Open) == 0 {
		return []int{First}
	}
	return l.Open
}

// Place returns the shard for a new member. While the layout stays the same, it
// is always the same shard for the same connection.
func (l Layout) Place(connectionID string) int {
	h := fnv.New32a()
	h.Write([]byte(connectionID)) // never fails
	open := l.OpenShards()
	return open[h.Sum32()%uint32(len(open))]
}

// Equal reports whether two layouts split a room in the same way.
func (l Layout) Equal(other Layout) bool {
	return l.Count() == other.Count() && slices.Equal(l.OpenShards(), other.OpenShards())
}

// maxOpen limits the shards that are open at the same time. This many take tens
// of thousands of joins a second, and their numbers are still a small part of
// the head, which every message writes.
const maxOpen = 32

// Resized returns the layout for a room whose shards have the given numbers of
// members, at about size members a shard. The counts must have been read after
// the layout: a shard that the layout says is closed and the counts say is empty
// is given up.
//
// No member is moved. A shard that is full, or no longer needed, is closed and
// empties by itself: no connection lives longer than two hours.
func (l Layout) Resized(counts []int, size int) Layout {
	members := 0
	for _, n := range counts {
		members += n
	}
	// Half as many again as are needed now, so that a room that grew a little
	// does not split at once; and only if that is at most half of those there are.
	keep := len(counts)
	if enough := members*3/2/size + 1; 2*enough <= keep {
		keep = enough
	}
	shards := len(counts)
	for shards > keep && counts[shards-1] == 0 && !l.Takes(shards-1) {
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

// emptiest returns the shards that have places left, and how many places those
// have. If there are more than may be open, it returns the emptiest.
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
