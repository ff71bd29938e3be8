package limitstest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var slotTests = storetest.Cases[*storeTest]{
	"every slot is taken once":                            testSlots,
	"a holder takes its slot again":                       testTakeAgain,
	"a holder releases its slot":                          testRelease,
	"a slot is free when it expires":                      testSlotExpiry,
	"holders keep apart":                                  testQuotas,
	"more take slots at the same time than there are":     testSlotsConcurrently,
	"a slot is free for somebody while slots come and go": testSlotsComeAndGo,
}

const lobby = limits.QuotaKey("ROOM#lobby")

// take takes a slot in the lobby, and reports whether there was one.
func (s *storeTest) take(limit int, connectionID string) (limits.Slot, bool) {
	s.Helper()
	slot, err := s.Slots.Take(s.Context(), lobby, limit, connectionID, storetest.Noon.Add(time.Hour))
	if err != nil && !errors.Is(err, limits.ErrQuotaFull) {
		s.Error(err)
	}
	if err == nil && (slot.Quota != lobby || slot.Number < 0 || slot.Number >= limit) {
		s.Errorf("took %+v of %d slots", slot, limit)
	}
	return slot, err == nil
}

// takeAll takes slots until the quota is full, for connections with a prefix, and
// returns the holder of each.
func (s *storeTest) takeAll(limit int, prefix string) map[limits.Slot]string {
	s.Helper()
	held := map[limits.Slot]string{}
	for i := range limit + 1 {
		id := fmt.Sprint(prefix, i)
		slot, ok := s.take(limit, id)
		if !ok {
			return held
		}
		if other, taken := held[slot]; taken {
			s.Errorf("%s and %s have %+v", other, id, slot)
		}
		held[slot] = id
	}
	s.Errorf("took %d of %d slots", limit+1, limit)
	return held
}

func testSlots(s *storeTest) {
	if held := s.takeAll(7, "c"); len(held) != 7 {
		s.Errorf("took %d of 7 slots", len(held))
	}
	if _, ok := s.take(8, "late"); !ok {
		s.Error("there is one more, which was not found")
	}
}

func testTakeAgain(s *storeTest) {
	held := s.takeAll(7, "c")
	for slot, id := range held {
		if got, ok := s.take(7, id); !ok || got != slot {
			s.Errorf("%s has %+v, got %+v, %v", id, slot, got, ok)
		}
	}
	var mu sync.Mutex
	got := map[limits.Slot]bool{}
	storetest.Concurrently(5, func(int) {
		if slot, ok := s.take(100, "new"); ok {
			mu.Lock()
			defer mu.Unlock()
			got[slot] = true
		}
	})
	if len(got) != 1 {
		s.Errorf("one connection took the slots %v at the same time", got)
	}
}

func testRelease(s *storeTest) {
	held := s.takeAll(3, "c")
	for slot, id := range held {
		s.Must(s.Slots.Release(s.Context(), slot, "somebody else"))
		if _, ok := s.take(3, "new"); ok {
			s.Fatal("a slot was released by somebody else")
		}
		for range 2 {
			s.Must(s.Slots.Release(s.Context(), slot, id))
		}
		if got, ok := s.take(3, "new"); !ok || got != slot {
			s.Errorf("%+v is free, got %+v, %v", slot, got, ok)
		}
		s.Must(s.Slots.Release(s.Context(), slot, id)) // which another connection holds by now
		if _, ok := s.take(3, "newer"); ok {
			s.Error("the slot was released by its former holder")
		}
		s.Must(s.Slots.Release(s.Context(), slot, "new"))
		s.Must(s.Slots.Release(s.Context(), slot, "nobody"))
		if got, ok := s.take(3, id); !ok || got != slot {
			s.Errorf("%+v is free again, got %+v, %v", slot, got, ok)
		}
	}
}

func testSlotExpiry(s *storeTest) {
	s.takeAll(5, "old")
	s.Now = storetest.Noon.Add(time.Hour - time.Second)
	if _, ok := s.take(5, "new"); ok {
		s.Error("a slot was free a second too early")
	}
	s.Now = storetest.Noon.Add(time.Hour)
	for i := range 5 {
		id := fmt.Sprint("new", i)
		if _, err := s.Slots.Take(s.Context(), lobby, 5, id, storetest.Noon.Add(2*time.Hour)); err != nil {
			s.Errorf("%s: %v", id, err)
		}
	}
	if _, err := s.Slots.Take(s.Context(), lobby, 5, "more", storetest.Noon.Add(2*time.Hour)); !errors.Is(err, limits.ErrQuotaFull) {
		s.Errorf("got %v, want ErrNoSeat", err)
	}
}

func testQuotas(s *storeTest) {
	for _, of := range []limits.QuotaKey{"IP#a", "USER#a", "ROOM#a", "ROOM#a#0", "ROOM#a#0#0", "IP#2001:db8::/64", "ROOM#😀"} {
		_, err := s.Slots.Take(s.Context(), of, 1, "c1", storetest.Noon.Add(time.Hour))
		s.Must(err)
		if _, err := s.Slots.Take(s.Context(), of, 1, "c2", storetest.Noon.Add(time.Hour)); !errors.Is(err, limits.ErrQuotaFull) {
			s.Errorf("second slot of %s: got %v, want ErrNoSeat", of, err)
		}
	}
}

func testSlotsConcurrently(s *storeTest) {
	const limit, connections = 100, 150
	var mu sync.Mutex
	held := map[limits.Slot]string{}
	storetest.Concurrently(connections, func(i int) {
		id := fmt.Sprint("c", i)
		if slot, ok := s.take(limit, id); ok {
			mu.Lock()
			defer mu.Unlock()
			if other, taken := held[slot]; taken {
				s.Errorf("%s and %s have %+v", other, id, slot)
			}
			held[slot] = id
		}
	})
	if len(held) != limit {
		s.Errorf("%d of %d connections have slots, want %d", len(held), connections, limit)
	}
}

func testSlotsComeAndGo(s *storeTest) {
	const limit = 5
	storetest.Concurrently(limit, func(i int) {
		for n := range 5 { // never more at a time than slots
			id := fmt.Sprintf("c%d-%d", i, n)
			slot, ok := s.take(limit, id)
			if !ok {
				s.Errorf("%s found no slot", id)
				continue
			}
			if err := s.Slots.Release(s.Context(), slot, id); err != nil {
				s.Error(err)
			}
		}
	})
	if held := s.takeAll(limit, "last"); len(held) != limit {
		s.Errorf("%d of %d slots are left", len(held), limit)
	}
}
