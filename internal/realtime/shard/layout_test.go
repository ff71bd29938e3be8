package shard

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestResized(t *testing.T) {
	t.Parallel()
	const size = 100
	full := func(shards, members int) []int { return slices.Repeat([]int{members}, shards) }
	upTo := func(n int) (open []int) {
		for i := range n {
			open = append(open, i)
		}
		return open
	}
	tests := []struct {
		name   string
		from   Layout
		counts []int
		shards int
		open   []int
	}{
		{"empty", Layout{}, []int{0}, 1, upTo(1)},
		{"half full", Layout{}, []int{50}, 1, upTo(1)},
		{"filling", Layout{}, []int{60}, 2, upTo(2)},
		{"full", Layout{Shards: 1}, []int{100}, 2, []int{1}},
		{"far too full", Layout{Shards: 1}, []int{1000}, 4, []int{1, 2, 3}},
		{"two full", Layout{Shards: 2, Open: []int{1}}, full(2, 100), 3, []int{2}},
		{"a full one between empty ones", Layout{Shards: 3, Open: []int{0, 2}}, []int{10, 100, 10}, 3, []int{0, 2}},
		{"half as many would do", Layout{Shards: 4, Open: upTo(4)}, full(4, 20), 4, upTo(2)},
		{"those that were closed are empty", Layout{Shards: 4, Open: upTo(2)}, []int{40, 40, 0, 0}, 2, upTo(2)},
		{"an empty one that is open stays for now", Layout{Shards: 4, Open: []int{0, 3}}, []int{40, 40, 0, 0}, 4, upTo(2)},
		{"an empty one below one that is not", Layout{Shards: 4, Open: upTo(1)}, []int{10, 0, 0, 1}, 4, upTo(1)},
		{"everybody is in the last one", Layout{Shards: 8, Open: upTo(1)}, []int{0, 0, 0, 0, 0, 0, 0, 100}, 8, upTo(2)},
		{"many are open", Layout{Shards: 100, Open: upTo(32)}, full(100, 90), 132, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.from.Resized(test.counts, size)
			if test.open == nil {
				test.open = got.Open
				if len(got.Open) > maxOpen {
					t.Errorf("%d shards are open", len(got.Open))
				}
				test.shards = got.Shards
			}
			if got.Shards != test.shards || !slices.Equal(got.Open, test.open) || got.Version != test.from.Version+1 {
				t.Errorf("got %+v, want %d shards, %v open", got, test.shards, test.open)
			}
		})
	}
}

// TestLayoutOverTime lets rooms grow and shrink, and recounts them as often as joins do. It
// checks what must never happen and what should be rare.
func TestLayoutOverTime(t *testing.T) {
	t.Parallel()
	for _, most := range []int{30, 3_000, 60_000} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			const size = 500
			random := rand.New(rand.NewPCG(1, uint64(most)))
			var l Layout
			in := map[string]int{}
			counts := func() []int {
				n := make([]int, l.Count())
				for _, shard := range in {
					n[shard]++
				}
				return n
			}
			recount := func() {
				before := counts()
				l = l.Resized(before, size)
				if len(l.Open) == 0 || l.Open[len(l.Open)-1] >= l.Shards || !slices.IsSorted(l.Open) {
					t.Fatalf("got %+v", l)
				}
				for shard, n := range before {
					if n > 0 && shard >= l.Shards {
						t.Fatalf("shard %d of %d has %d members", shard, l.Shards, n)
					}
				}
			}
			for i := range most {
				id := fmt.Sprint(i)
				in[id] = l.Place(id)
				if random.IntN(max(len(l.OpenShards())*size/CountsPerShard, 1)) == 0 {
					recount()
				}
			}
			largest := slices.Max(counts())
			if largest > size*14/10 {
				t.Errorf("a shard has %d members, want about %d", largest, size)
			}
			if least := (most + size - 1) / size; l.Count() > 2*least+1 {
				t.Errorf("%d members are in %d shards, want not many more than %d", most, l.Count(), least)
			}
			// A tenth of them stay, and reconnect every two hours.
			for round := range 3 {
				for i := range most {
					old, id := fmt.Sprint(i), fmt.Sprint(round+1, " ", i)
					if round > 0 {
						old = fmt.Sprint(round, " ", i)
					}
					delete(in, old)
					if i%10 == 0 {
						in[id] = l.Place(id)
					}
					if i%(most/10) == 0 {
						recount()
					}
				}
			}
			recount()
			recount()
			if least := (most/10 + size - 1) / size; l.Count() > 3*least+1 {
				t.Errorf("%d members are in %d shards, want not many more than %d", most/10, l.Count(), least)
			}
			clear(in)
			for range 5 {
				recount()
			}
			if l.Shards != 1 {
				t.Errorf("an empty room has %d shards", l.Shards)
			}
		})
	}
}
