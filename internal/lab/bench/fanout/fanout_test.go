package fanout

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCheckExplainsAWorkloadThatDoesNotFit(t *testing.T) {
	t.Parallel()
	good := Fanout{Members: []int{10, 100}, ShardSize: 500, Messages: 1, Bytes: 100}
	if err := good.Check(true); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Fanout){
		"at least 1":            func(f *Fanout) { f.Messages = 0 },
		"2 members or more":     func(f *Fanout) { f.Members = []int{1} },
		"do not fill rooms":     func(f *Fanout) { f.RoomSize = 30 },
		"leave --sockets out":   func(f *Fanout) { f.Members = []int{maxSockets + 1} },
		"nothing may be negati": func(f *Fanout) { f.Latency = -1 },
	} {
		f := good
		change(&f)
		if err := f.Check(true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestLayoutOfARoomHasPlacesForAllMembers(t *testing.T) {
	t.Parallel()
	for members, want := range map[int]int{10: 0, 500: 0, 501: 3, 10_000: 21, 100_000: 201} {
		if got := layoutOf(members, 500); got.Shards != want || got.Members != members || got.Version != 1 {
			t.Errorf("%d members: %+v", members, got)
		}
	}
}

func TestTimesTakeTheLowerMedian(t *testing.T) {
	t.Parallel()
	if got := timesOf(nil); got != (Times{}) {
		t.Errorf("of nothing: %+v", got)
	}
	all := []time.Duration{4 * time.Millisecond, time.Millisecond, 3 * time.Millisecond, 2 * time.Millisecond}
	if got, want := timesOf(all), (Times{P50: 2, Min: 1, Max: 4}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMeasurementsAreSharedOutByMessageAndMember(t *testing.T) {
	t.Parallel()
	var m measurements
	for i := range 2 {
		used := []Function{{Handler: "broadcast", Processes: 1 + i, CPU: 100, PeakBytes: int64(1+i) << 20}}
		m.add(delivered{wall: time.Duration(1+i) * time.Second, members: 1000, billed: 1000, mostInAir: 10 * (1 + i)},
			cost{write: 14, read: 20, messages: 3}, cost{write: 10, read: 10, messages: 1}, used)
	}
	got := m.size(1000, 1, 3)
	if got.Wall.P50 != 1000 || got.DeliveriesPerSecond != 1000 || got.CPUPerPost != 100 || got.MostInAir != 20 {
		t.Errorf("got %+v", got)
	}
	if want := (Billed{WriteUnits: 4, ReadUnits: 10, BilledMessages: 1002}); got.PerMessage != want {
		t.Errorf("got %+v, want %+v", got.PerMessage, want)
	}
	if want := []Function{{Handler: "broadcast", Processes: 2, CPU: 200, PeakBytes: 2 << 20}}; !slices.Equal(got.Functions, want) {
		t.Errorf("got %+v, want %+v", got.Functions, want)
	}
}

func TestAResultWithALostDeliveryIsAnError(t *testing.T) {
	t.Parallel()
	if err := (Result{Sizes: []Size{{Members: 10}}}).Err(); err != nil {
		t.Error(err)
	}
	err := Result{Sizes: []Size{{Members: 10}, {Members: 20, Missing: 1, Doubled: 2}}}.Err()
	if err == nil || err.Error() != "bench fanout: with 20 members, 1 deliveries are missing and 2 are doubled" {
		t.Errorf("got %v", err)
	}
}

// Scripts and the picture in docs/explanation/performance.md read these names.
func TestNamesInTheJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Size{Posts: &Posts{}})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	want := []string{"ackMs", "deliveriesPerSecond", "doubled", "functions", "functionsCpuUsPerPost", "members", "messages",
		"missing", "mostInAir", "perMessage", "posts", "rooms", "shards", "wallMs"}
	if got := slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
