package realtimetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

var seatTests = []storeCase{
	{"every seat is taken once", testSeats},
	{"a seat is taken again by who has it", testSeatAgain},
	{"a seat is released by who has it", testSeatRelease},
	{"a seat is free when it expires", testSeatExpiry},
	{"holders keep apart", testSeatHolders},
	{"more take seats at the same time than there are", testSeatsAtOnce},
	{"a seat is free for somebody while seats come and go", testSeatsComeAndGo},
	{"connections list their seats", testSeatsListed},
}

const lobby = limits.QuotaKey("ROOM#lobby")

// take takes a seat in the lobby, and reports whether there was one.
func (s *storeTest) take(limit int, connectionID string) (limits.Slot, bool) {
	s.Helper()
	seat, err := s.Slots.Take(s.Context(), lobby, limit, connectionID, noon.Add(time.Hour))
	if err != nil && !errors.Is(err, limits.ErrQuotaFull) {
		s.Error(err)
	}
	if err == nil && (seat.Quota != lobby || seat.Number < 0 || seat.Number >= limit) {
		s.Errorf("took %+v of %d seats", seat, limit)
	}
	return seat, err == nil
}

// takeAll takes seats until there is none, for connections with a prefix, and
// returns who has which.
func (s *storeTest) takeAll(limit int, prefix string) map[limits.Slot]string {
	s.Helper()
	held := map[limits.Slot]string{}
	for i := range limit + 1 {
		id := fmt.Sprint(prefix, i)
		seat, ok := s.take(limit, id)
		if !ok {
			return held
		}
		if other, taken := held[seat]; taken {
			s.Errorf("%s and %s have %+v", other, id, seat)
		}
		held[seat] = id
	}
	s.Errorf("took %d of %d seats", limit+1, limit)
	return held
}

func testSeats(s *storeTest) {
	if held := s.takeAll(7, "c"); len(held) != 7 {
		s.Errorf("took %d of 7 seats", len(held))
	}
	if _, ok := s.take(8, "late"); !ok {
		s.Error("there is one more, which was not found")
	}
}

func testSeatAgain(s *storeTest) {
	held := s.takeAll(7, "c")
	for seat, id := range held {
		if got, ok := s.take(7, id); !ok || got != seat {
			s.Errorf("%s has %+v, got %+v, %v", id, seat, got, ok)
		}
	}
	var mu sync.Mutex
	got := map[limits.Slot]bool{}
	atOnce(5, func(int) {
		if seat, ok := s.take(100, "new"); ok {
			mu.Lock()
			defer mu.Unlock()
			got[seat] = true
		}
	})
	if len(got) != 1 {
		s.Errorf("one connection took the seats %v at the same time", got)
	}
}

func testSeatRelease(s *storeTest) {
	held := s.takeAll(3, "c")
	for seat, id := range held {
		s.must(s.Slots.Release(s.Context(), seat, "somebody else"))
		if _, ok := s.take(3, "new"); ok {
			s.Fatal("a seat was released by somebody else")
		}
		for range 2 {
			s.must(s.Slots.Release(s.Context(), seat, id))
		}
		if got, ok := s.take(3, "new"); !ok || got != seat {
			s.Errorf("%+v is free, got %+v, %v", seat, got, ok)
		}
		s.must(s.Slots.Release(s.Context(), seat, id)) // which is another one's by now
		if _, ok := s.take(3, "newer"); ok {
			s.Error("the seat was released by who had it before")
		}
		s.must(s.Slots.Release(s.Context(), seat, "new"))
		s.must(s.Slots.Release(s.Context(), seat, "nobody"))
		if got, ok := s.take(3, id); !ok || got != seat {
			s.Errorf("%+v is free again, got %+v, %v", seat, got, ok)
		}
	}
}

func testSeatExpiry(s *storeTest) {
	s.takeAll(5, "old")
	s.now = noon.Add(time.Hour - time.Second)
	if _, ok := s.take(5, "new"); ok {
		s.Error("a seat was free a second too early")
	}
	s.now = noon.Add(time.Hour)
	for i := range 5 {
		id := fmt.Sprint("new", i)
		if _, err := s.Slots.Take(s.Context(), lobby, 5, id, noon.Add(2*time.Hour)); err != nil {
			s.Errorf("%s: %v", id, err)
		}
	}
	if _, err := s.Slots.Take(s.Context(), lobby, 5, "more", noon.Add(2*time.Hour)); !errors.Is(err, limits.ErrQuotaFull) {
		s.Errorf("got %v, want ErrNoSeat", err)
	}
}

func testSeatHolders(s *storeTest) {
	for _, of := range []limits.QuotaKey{"IP#a", "USER#a", "ROOM#a", "ROOM#a#0", "ROOM#a#0#0", "IP#2001:db8::/64", "ROOM#😀"} {
		_, err := s.Slots.Take(s.Context(), of, 1, "c1", noon.Add(time.Hour))
		s.must(err)
		if _, err := s.Slots.Take(s.Context(), of, 1, "c2", noon.Add(time.Hour)); !errors.Is(err, limits.ErrQuotaFull) {
			s.Errorf("second seat of %s: got %v, want ErrNoSeat", of, err)
		}
	}
}

func testSeatsAtOnce(s *storeTest) {
	const limit, connections = 100, 150
	var mu sync.Mutex
	held := map[limits.Slot]string{}
	atOnce(connections, func(i int) {
		id := fmt.Sprint("c", i)
		if seat, ok := s.take(limit, id); ok {
			mu.Lock()
			defer mu.Unlock()
			if other, taken := held[seat]; taken {
				s.Errorf("%s and %s have %+v", other, id, seat)
			}
			held[seat] = id
		}
	})
	if len(held) != limit {
		s.Errorf("%d of %d connections have seats, want %d", len(held), connections, limit)
	}
}

func testSeatsComeAndGo(s *storeTest) {
	const limit = 5
	atOnce(limit, func(i int) {
		for n := range 5 { // never more at a time than there are seats
			id := fmt.Sprintf("c%d-%d", i, n)
			seat, ok := s.take(limit, id)
			if !ok {
				s.Errorf("%s found no seat", id)
				continue
			}
			if err := s.Slots.Release(s.Context(), seat, id); err != nil {
				s.Error(err)
			}
		}
	})
	if held := s.takeAll(limit, "last"); len(held) != limit {
		s.Errorf("%d of %d seats are left", len(held), limit)
	}
}

func testSeatsListed(s *storeTest) {
	c := connection("c1", "ada")
	for _, of := range []limits.QuotaKey{"IP#192.0.2.1", "USER#ada"} {
		seat, err := s.Slots.Take(s.Context(), of, 1, c.ID, c.ExpiresAt)
		s.must(err)
		c.Slots = append(c.Slots, seat)
	}
	s.connect(c)
	free := func(of limits.QuotaKey) bool {
		seat, err := s.Slots.Take(s.Context(), of, 1, "other", c.ExpiresAt)
		if err == nil {
			s.must(s.Slots.Release(s.Context(), seat, "other"))
		}
		return err == nil
	}
	seat, _ := s.take(1, c.ID)
	for shard := range 2 { // the second one moves it
		s.must(s.Connections.Join(s.Context(), c.ID, in("lobby", shard), members.Status{}, members.JoinConditions{Slot: seat}))
	}
	s.join(c.ID, in("lobby", 1)) // which says nothing of a seat
	got, err := s.Connections.Connection(s.Context(), c.ID)
	s.must(err)
	if len(got.Slots) != 3 || free(lobby) {
		s.Errorf("lists %v, and the lobby's is free: %v", got.Slots, free(lobby))
	}
	for range 2 {
		s.must(s.Connections.Leave(s.Context(), c.ID, "lobby"))
	}
	got, err = s.Connections.Connection(s.Context(), c.ID)
	s.must(err)
	if len(got.Slots) != 2 || !free(lobby) || free("USER#ada") {
		s.Errorf("left the lobby and lists %v; the lobby's seat is free: %v", got.Slots, free(lobby))
	}
	s.must(s.Connections.Remove(s.Context(), got))
	if !free("USER#ada") || !free("IP#192.0.2.1") {
		s.Error("its end did not release its seats")
	}
}
