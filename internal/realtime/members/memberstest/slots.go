package memberstest

import (
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

const lobby = limits.QuotaKey("ROOM#lobby")

func testSlotsListed(s *storeTest) {
	c := NewConnection("c1", "ada")
	for _, of := range []limits.QuotaKey{"IP#192.0.2.1", "USER#ada"} {
		slot, err := s.Slots.Take(s.Context(), of, 1, c.ID, c.ExpiresAt)
		s.Must(err)
		c.Slots = append(c.Slots, slot)
	}
	s.connect(c)
	free := func(of limits.QuotaKey) bool {
		slot, err := s.Slots.Take(s.Context(), of, 1, "other", c.ExpiresAt)
		if err == nil {
			s.Must(s.Slots.Release(s.Context(), slot, "other"))
		}
		return err == nil
	}
	slot, err := s.Slots.Take(s.Context(), lobby, 1, c.ID, c.ExpiresAt)
	s.Must(err)
	for shard := range 2 { // the second one moves it
		s.Must(s.Connections.Join(s.Context(), c.ID, In("lobby", shard), members.Status{}, members.JoinConditions{Slot: slot}))
	}
	s.join(c.ID, In("lobby", 1)) // without a slot
	got, err := s.Connections.Connection(s.Context(), c.ID)
	s.Must(err)
	if len(got.Slots) != 3 || free(lobby) {
		s.Errorf("lists %v, and the lobby's is free: %v", got.Slots, free(lobby))
	}
	for range 2 {
		s.Must(s.Connections.Leave(s.Context(), c.ID, "lobby"))
	}
	got, err = s.Connections.Connection(s.Context(), c.ID)
	s.Must(err)
	if len(got.Slots) != 2 || !free(lobby) || free("USER#ada") {
		s.Errorf("left the lobby and lists %v; the lobby's slot is free: %v", got.Slots, free(lobby))
	}
	s.Must(s.Connections.Remove(s.Context(), got))
	if !free("USER#ada") || !free("IP#192.0.2.1") {
		s.Error("its end did not release its slots")
	}
}
