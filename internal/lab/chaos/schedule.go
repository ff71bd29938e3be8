package chaos

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// The devices of a run. A small room has about five members, the large room about
// thirty, and a few users have two devices.
const (
	smallRooms  = 6
	inSmall     = 26 // the devices that are in a small room; the others are in the large room only
	userCount   = 34
	pairedUsers = 4 // of the users, those with two devices
	steadyEvery = 4 // one in so many devices is rarely dropped, so that its connection grows old
)

// Rates a second, of one device or of the whole run. Drops are above the quota,
// since some find no connection open.
const (
	smallSends     = 8.0
	largeRoomSends = 1.5
	duplicateRate  = 0.35
	notifyRate     = 0.9
	dropRate       = 2.3
	leaveRate      = 1.0 / 45
	awayRate       = 1.0 / 60
	historyRate    = 1.0 / 40
	steadyDrops    = 1.0 / 150
	stuckRate      = 8.0 / 300
	rolloverCount  = 6.0 / 300
)

// Action is what a device does in a Step.
type Action string

// The actions of a schedule.
const (
	DoSend      Action = "send"      // Count messages in a row
	DoRefused   Action = "refused"   // a message that must be refused
	DoNotify    Action = "notify"    // Users
	DoLeave     Action = "leave"     // a room, and join it again after For
	DoAway      Action = "away"      // close the client, and come back after For
	DoHistory   Action = "history"   // read a room backwards
	DoDrop      Action = "drop"      // cut the connection; Silent: without a close
	DoRollover  Action = "rollover"  // replace the connection
	DoStick     Action = "stick"     // for For, every post to the connection fails
	DoDuplicate Action = "duplicate" // the same message on two sockets at the same time
)

// Step is one action of one device.
type Step struct {
	// At is the time from the beginning of the run.
	At time.Duration `json:"at"`
	Do Action        `json:"do"`

	Room   string        `json:"room,omitempty"`
	Count  int           `json:"count,omitempty"`
	Size   int           `json:"size,omitempty"` // bytes of a message
	Users  []string      `json:"users,omitempty"`
	For    time.Duration `json:"for,omitempty"`
	Silent bool          `json:"silent,omitempty"`
	// Fresh comes back without a position.
	Fresh bool `json:"fresh,omitempty"`
}

// Plan is one device and its actions.
type Plan struct {
	Device string `json:"device"`
	User   string `json:"user"`
	// Rooms are the rooms that it joins first and is in at the end.
	Rooms []string `json:"rooms"`
	// Steady devices are rarely dropped.
	Steady bool `json:"steady"`
	// Hoards says that the device's user acknowledges no notifications.
	Hoards bool `json:"hoards"`
	// Steps are ordered by time.
	Steps []Step `json:"steps"`
}

// Schedule is everything that is decided before a run: which device does what,
// and when.
type Schedule struct {
	Seed   uint64
	Length time.Duration
	Rooms  []string
	Plans  []Plan
	// Duplicates are the steps of the duplicate senders.
	Duplicates []Step
	// Busy are the windows in which the busy room is busy. OnlyJoins says that
	// nothing else happens.
	Busy      []Window
	OnlyJoins bool
}

// NewSchedule returns the schedule of a seed and length, always the same one.
func NewSchedule(seed uint64, length time.Duration) Schedule {
	s := Schedule{Seed: seed, Length: length}
	for n := range smallRooms {
		s.Rooms = append(s.Rooms, fmt.Sprint("room-", n+1))
	}
	for n := range userCount {
		devices := 1
		if n < pairedUsers {
			devices = 2
		}
		for d := range devices {
			s.Plans = append(s.Plans, Plan{
				Device: fmt.Sprintf("u%02d.%d", n+1, d+1), User: fmt.Sprintf("u%02d", n+1),
				Steady: len(s.Plans)%steadyEvery == 0, Hoards: n == userCount-1,
			})
		}
	}
	for n := range s.Plans {
		s.Plans[n].fill(s, n)
	}
	s.Rooms = append(s.Rooms, largeRoom)
	s.giveUpOn()
	s.addWaves()
	s.Busy = busyWindows(s.random("busy"), length)
	random := s.random("duplicates")
	for _, at := range moments(random, duplicateRate, length) {
		s.Duplicates = append(s.Duplicates, Step{At: at, Do: DoDuplicate, Room: pick(random, s.Rooms), Size: size(random), Fresh: random.IntN(4) == 0})
	}
	return s
}

// random returns the source of one kind of decisions. The others do not depend on
// it.
func (s Schedule) random(about string) *rand.Rand {
	name := fnv.New64a()
	name.Write([]byte(about))
	return rand.New(rand.NewPCG(s.Seed, name.Sum64()))
}

// fill plans the nth device.
func (p *Plan) fill(s Schedule, n int) {
	random := s.random(p.Device)
	p.Rooms = []string{largeRoom}
	if n < inSmall {
		p.Rooms = []string{s.Rooms[n%len(s.Rooms)]}
		if random.IntN(4) == 0 {
			p.Rooms = append(p.Rooms, s.Rooms[(n+1)%len(s.Rooms)])
		}
		if random.Float64() < largeRoomShare {
			p.Rooms = append(p.Rooms, largeRoom)
		}
	}
	each := 1 / float64(len(s.Plans))
	add := func(rate float64, step func() Step) {
		for _, at := range moments(random, rate, s.Length) {
			s := step()
			s.At = at
			p.Steps = append(p.Steps, s)
		}
	}
	sends := largeRoomSends / float64(len(s.Plans)-inSmall)
	if n < inSmall {
		sends = smallSends / inSmall
	}
	add(sends*0.8, func() Step {
		return Step{Do: DoSend, Room: p.talks(random), Count: 1, Size: size(random)}
	})
	// A fifth of the messages come in bursts, in which one could overtake another.
	add(sends*0.2/5, func() Step { return Step{Do: DoSend, Room: p.talks(random), Count: 5, Size: 64} })
	add(1.0/60, func() Step { return Step{Do: DoRefused, Room: pick(random, p.Rooms), Fresh: random.IntN(2) == 0} })
	add(notifyRate*each, func() Step { return Step{Do: DoNotify, Users: recipients(random)} })
	add(historyRate, func() Step { return Step{Do: DoHistory, Room: pick(random, p.Rooms), Count: 1 + random.IntN(100)} })
	add(leaveRate, func() Step {
		return Step{Do: DoLeave, Room: pick(random, p.Rooms), For: between(random, 200*time.Millisecond, 4*time.Second)}
	})
	if !p.Steady {
		add(awayRate, func() Step {
			return Step{Do: DoAway, For: between(random, 500*time.Millisecond, 8*time.Second), Fresh: random.IntN(5) == 0}
		})
	}
	drops := dropRate / (float64(len(s.Plans)) * (steadyEvery - 1) / steadyEvery)
	if p.Steady {
		drops = steadyDrops
	}
	add(drops, func() Step { return Step{Do: DoDrop, Silent: random.IntN(6) == 0} })
	add(stuckRate*each, func() Step { return Step{Do: DoStick, For: between(random, 3*time.Second, 12*time.Second)} })
	p.addRollovers(random, s.Length)
	p.sort()
}

// in reports whether the device is in a room.
func (p *Plan) in(room string) bool { return slices.Contains(p.Rooms, room) }

// talks picks the room of a message: rarely the large room, where a message costs
// most.
func (p *Plan) talks(random *rand.Rand) string {
	small := slices.DeleteFunc(slices.Clone(p.Rooms), func(room string) bool { return room == largeRoom })
	if len(small) == 0 || p.in(largeRoom) && random.Float64() < largeRoomSendShare {
		return largeRoom
	}
	return pick(random, small)
}

func (p *Plan) sort() {
	slices.SortStableFunc(p.Steps, func(a, b Step) int { return cmp.Compare(a.At, b.At) })
}

// giveUpOn has every post to one steady device fail, on a connection that is not
// dropped, for so long that jobs for it become dead letters.
func (s Schedule) giveUpOn() {
	random := s.random("given up")
	p := &s.Plans[steadyEvery*random.IntN((len(s.Plans)+steadyEvery-1)/steadyEvery)]
	p.Steps = slices.DeleteFunc(p.Steps, func(step Step) bool { return step.Do == DoDrop && 4*step.At > s.Length })
	p.Steps = append(p.Steps, Step{At: 3 * s.Length / 10, Do: DoStick, For: 6 * s.Length / 10})
	p.sort()
}

// addRollovers distributes the rollovers over the run. Those of steady devices are
// early, so that the last connection has a long life.
func (p *Plan) addRollovers(random *rand.Rand, length time.Duration) {
	within := 9 * length / 10
	if p.Steady {
		within = length / 4
	}
	for range max(1, int(rolloverCount*length.Seconds())) {
		p.Steps = append(p.Steps, Step{At: between(random, length/20, within), Do: DoRollover})
	}
}
