package chaos

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// largeRoom is the room that most devices are in. The stack splits it into shards.
const largeRoom = "large"

const (
	// largeRoomShare is the part of the devices of the small rooms that are also in
	// the large room; largeRoomSendShare is how much of their messages goes there.
	largeRoomShare     = 0.75
	largeRoomSendShare = 0.1
	// waveEvery is how often most members leave the large room and come back, so
	// that its shards are closed, abandoned and opened again while others send.
	waveEvery = 10 * time.Second
	// stayShare is the largest part of the members that stays during a wave.
	stayShare = 0.1
	// stormEvery is how often @connections answers most posts with 429.
	stormEvery = 25 * time.Second
)

// addWaves schedules when devices leave the large room. No device stays every
// time.
func (s Schedule) addWaves() {
	random := s.random("waves")
	for _, at := range beats(random, waveEvery, s.Length) {
		stay := stayShare * random.Float64()
		for n := range s.Plans {
			p := &s.Plans[n]
			if !p.in(largeRoom) || random.Float64() < stay {
				continue
			}
			p.Steps = append(p.Steps, Step{
				At: at + between(random, 0, time.Second), Do: DoLeave, Room: largeRoom, For: between(random, 3*time.Second, 6*time.Second),
			})
			p.sort()
		}
	}
}

// storms returns rules for windows in which @connections answers most posts with
// 429.
func (s Schedule) storms() []faults.Rule {
	random := s.random("storms")
	var rules []faults.Rule
	for _, at := range beats(random, stormEvery, s.Length) {
		lasts := min(between(random, 2*time.Second, 6*time.Second), s.Length/5)
		rules = append(rules, named(Stormed, faults.Rule{
			Operation: "PostToConnection", Throttle: true, Share: 0.8 + 0.15*random.Float64(), From: at, Until: at + lasts,
		}))
	}
	return rules
}

// beats returns times that are about so far apart: at least one, and none at the
// beginning or the end.
func beats(random *rand.Rand, every, length time.Duration) []time.Duration {
	times := max(1, int(length/every))
	var at []time.Duration
	for n := range times {
		part := (float64(n) + 0.3 + 0.3*random.Float64()) / float64(times)
		at = append(at, time.Duration(part*float64(length)))
	}
	return at
}

// stormLeast is how many throttled posts make a storm.
const stormLeast = 10

// stormsOf counts the storms.
func stormsOf(counts []faults.Count) int {
	n := 0
	for _, c := range counts {
		if kindOf(c.Rule) == Stormed && c.Injected >= stormLeast {
			n++
		}
	}
	return n
}

// Observed counts of the large room's layout.
const (
	// Splits counts how often the large room got more shards, Cuts how often it got
	// fewer.
	Splits = "splits"
	Cuts   = "cuts"
)

// watchLargeRoom reads the large room's layout periodically, until ctx ends.
func (r *run) watchLargeRoom(ctx context.Context) {
	shards := 0
	for faults.Sleep(ctx, 100*time.Millisecond) {
		layout, err := r.target.Store.layout(ctx, largeRoom)
		if err != nil {
			if ctx.Err() == nil {
				r.fail(err)
			}
			return
		}
		now := max(layout.Shards, 1)
		switch {
		case shards > 0 && now > shards:
			r.count(Splits, 1)
		case now < shards:
			r.count(Cuts, 1)
		}
		shards = now
		r.most("shards", shards)
	}
}
