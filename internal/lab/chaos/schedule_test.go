package chaos

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

func TestAScheduleFollowsFromItsSeed(t *testing.T) {
	t.Parallel()
	one, again, other := NewSchedule(7, time.Minute), NewSchedule(7, time.Minute), NewSchedule(8, time.Minute)
	if !reflect.DeepEqual(one, again) {
		t.Error("the same seed decides differently")
	}
	if reflect.DeepEqual(one.Plans, other.Plans) || reflect.DeepEqual(one.Duplicates, other.Duplicates) {
		t.Error("another seed decides the same")
	}
	functions := []string{"Chat/Rooms", "Broadcast"}
	if !reflect.DeepEqual(one.Rules(functions), again.Rules(functions)) {
		t.Error("the same seed injects other faults")
	}
	if reflect.DeepEqual(one.Rules(functions), other.Rules(functions)) {
		t.Error("another seed injects the same faults")
	}
}

// What is planned is enough for the quotas, so that the pacer only makes up for
// bad luck, and for rooms that are small and one that is large, with less
// messages than are kept.
func TestASchedulesMeasures(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		s := NewSchedule(seed, quotaLength)
		leaving := map[time.Duration]int{} // that leave the large room, by the time in fives of seconds
		count, members, sends := map[Action]int{}, map[string]int{}, map[string]int{}
		for _, p := range s.Plans {
			rollovers := 0
			for _, room := range p.Rooms {
				members[room]++
			}
			for _, step := range p.Steps {
				count[step.Do]++
				if step.Do == DoSend {
					sends[step.Room] += step.Count
				}
				if step.Do == DoRollover {
					rollovers++
				}
				if step.Do == DoLeave && step.Room == largeRoom {
					leaving[step.At.Truncate(5*time.Second)]++
				}
				if step.Room != "" && !slices.Contains(p.Rooms, step.Room) {
					t.Fatalf("%s acts in %s, which it is not in", p.Device, step.Room)
				}
			}
			if rollovers < 6 {
				t.Errorf("seed %d: %s has %d rollovers", seed, p.Device, rollovers)
			}
			if !slices.IsSortedFunc(p.Steps, func(a, b Step) int { return int(a.At - b.At) }) {
				t.Errorf("seed %d: the steps of %s are in disorder", seed, p.Device)
			}
		}
		if n := count[DoDrop]; n < 550 || n > 900 {
			t.Errorf("seed %d: %d drops", seed, n)
		}
		for _, room := range s.Rooms {
			fewest, most, least := 4, 9, 200
			if room == largeRoom {
				fewest, most, least = 25, 37, 400
			}
			if n := members[room]; n < fewest || n > most {
				t.Errorf("seed %d: %d members in %s", seed, n, room)
			}
			if n := sends[room]; n < least || n > retention-200 {
				t.Errorf("seed %d: %d messages in %s", seed, n, room)
			}
		}
		waves := 0
		for _, n := range leaving {
			if n >= 10 {
				waves++
			}
		}
		if waves < 15 {
			t.Errorf("seed %d: most members of the large room leave %d times", seed, waves)
		}
		if n := len(s.storms()); n < 12 {
			t.Errorf("seed %d: %d storms", seed, n)
		}
		for _, do := range []Action{DoRefused, DoNotify, DoLeave, DoAway, DoHistory} {
			if count[do] < 50 {
				t.Errorf("seed %d: %d times %s", seed, count[do], do)
			}
		}
	}
}

// Every rule is one that an injector takes, at any length.
func TestTheRulesAreRules(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		for _, length := range []time.Duration{time.Second, 20 * time.Second, quotaLength} {
			injector := faults.New(seed)
			kills, kinds := map[string]bool{}, map[string]bool{}
			for _, rule := range NewSchedule(seed, length).Rules([]string{"Chat/Rooms", "Broadcast"}) {
				if _, err := injector.Add(rule); err != nil {
					t.Fatalf("seed %d, %v: %s: %v", seed, length, rule.Name, err)
				}
				kinds[kindOf(rule.Name)] = true
				if rule.Kill != faults.Never && rule.Until == 0 {
					kills[rule.Function+string(rule.Kill)] = true
				}
			}
			for _, kind := range []string{LateWrites, Freezes, EarlyDisconnects, LostPosts, PartialBatches, UndeletedJobs, SecretAway} {
				if !kinds[kind] {
					t.Errorf("seed %d, %v: there are no %s", seed, length, kind)
				}
			}
			if len(kills) != 6 {
				t.Errorf("each of two functions is killed before, during and after: %v", kills)
			}
		}
	}
}

func TestCountByKind(t *testing.T) {
	t.Parallel()
	got := countByKind([]faults.Count{{Rule: "kills 1", Injected: 2}, {Rule: "kills more 3", Injected: 3}, {Rule: "throttles 2", Matched: 5}})
	if want := map[string]int{Kills: 5, Throttles: 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}
