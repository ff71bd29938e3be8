package sendstest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var sendTests = storetest.Cases[*storeTest]{
	"the first claim of a send stays":            testClaim,
	"sends keep apart":                           testSendsApart,
	"claims at the same time":                    testClaimsConcurrently,
	"claims of an expired send at the same time": testClaimsOverExpired,
	"a send is moved from where it is":           testMove,
	"moves at the same time":                     testMovesConcurrently,
	"expired sends are not known":                testSendExpiry,
}

// send returns a send at a seq that is stored for five minutes from storetest.Noon.
func send(id string, seq int64) sends.Send {
	return sends.Send{
		ID: id, Seq: seq, Digest: "of " + id, Timestamp: storetest.Noon,
		ExpiresAt: storetest.Noon.Add(sends.Window).Truncate(time.Second),
	}
}

var hello = sends.Key{UserID: "ada", ClientID: "k1", RoomID: "lobby"}

func testClaim(s *storeTest) {
	s.wantUnknownSend(hello)
	first := send("m1", 7)
	for _, claim := range []sends.Send{first, first, send("m2", 8), send("m1", 9)} {
		s.claim(hello, claim, first)
	}
	s.wantSend(hello, first)
	s.wantUnknownSend(sends.Key{UserID: "ada", ClientID: "k2", RoomID: "lobby"})
}

func testSendsApart(s *storeTest) {
	long := strings.Repeat("é", 64)
	var keys []sends.Key
	for _, user := range []string{"ada", "ada#k", "#", " "} {
		keys = append(keys,
			sends.Key{UserID: user, ClientID: "k"},
			sends.Key{UserID: user, ClientID: "k", RoomID: "k"},
			sends.Key{UserID: user, ClientID: "k#l", RoomID: "lobby"},
			sends.Key{UserID: user, ClientID: "k", RoomID: "l#lobby"},
			sends.Key{UserID: user, ClientID: "k#l#lobby"},
			sends.Key{UserID: user, ClientID: "1#k#lobby"},
			sends.Key{UserID: user, ClientID: "k", RoomID: "lobby"},
			sends.Key{UserID: user, ClientID: "K", RoomID: "lobby"},
			sends.Key{UserID: user, ClientID: "#", RoomID: "#"},
			sends.Key{UserID: user, ClientID: "##", RoomID: " "},
			sends.Key{UserID: user, ClientID: long, RoomID: long + long},
			sends.Key{UserID: user, ClientID: long},
		)
	}
	for _, key := range keys {
		key.Service = true
		keys = append(keys, key)
	}
	for i, key := range keys {
		s.claim(key, send(fmt.Sprintf("m%d", i), int64(i)), send(fmt.Sprintf("m%d", i), int64(i)))
	}
	for i, key := range keys {
		s.wantSend(key, send(fmt.Sprintf("m%d", i), int64(i)))
	}
}

func testClaimsConcurrently(s *storeTest) {
	for round := range 5 {
		key := hello
		key.ClientID = fmt.Sprintf("k%d", round)
		s.claimConcurrently(key, storetest.Noon)
	}
}

func testClaimsOverExpired(s *storeTest) {
	for round := range 5 {
		key := hello
		key.ClientID = fmt.Sprintf("k%d", round)
		s.claim(key, send("old", 1), send("old", 1))
	}
	s.Now = storetest.Noon.Add(sends.Window)
	for round := range 5 {
		key := hello
		key.ClientID = fmt.Sprintf("k%d", round)
		if got := s.claimConcurrently(key, s.Now); got.ID == "old" {
			s.Errorf("claimed %+v, which had expired", got)
		}
	}
}

// claimConcurrently claims a send many times at the same time, and returns the one
// that everybody must get.
func (s *storeTest) claimConcurrently(key sends.Key, now time.Time) sends.Send {
	s.Helper()
	got := make([]sends.Send, 8)
	storetest.Concurrently(len(got), func(i int) {
		mine := send(fmt.Sprintf("m%d", i), int64(i+1))
		mine.ExpiresAt = now.Add(sends.Window).Truncate(time.Second)
		var err error
		if got[i], err = s.Sends.Claim(s.Context(), key, mine); err != nil {
			s.Error(err)
		}
	})
	for _, g := range got {
		if !sameSend(g, got[0]) {
			s.Errorf("send %+v: one got %+v, another %+v", key, got[0], g)
		}
	}
	s.wantSend(key, got[0])
	return got[0]
}

func testMove(s *storeTest) {
	s.wantMoved(hello, 0, send("m1", 1)) // an unknown send cannot be moved
	s.wantUnknownSend(hello)
	s.claim(hello, send("m1", 7), send("m1", 7))

	s.wantMoved(hello, 6, send("m1", 9))
	s.wantSend(hello, send("m1", 7))
	moved := send("m1", 9)
	moved.ExpiresAt = moved.ExpiresAt.Add(time.Minute)
	s.Must(s.Sends.Move(s.Context(), hello, 7, moved))
	s.wantSend(hello, moved)
	s.wantMoved(hello, 7, send("m1", 10))
	s.claim(hello, send("m2", 11), moved)

	// A notification goes from 0 to 1.
	note := sends.Key{UserID: "ada", ClientID: "k1"}
	s.claim(note, send("n1", 0), send("n1", 0))
	s.Must(s.Sends.Move(s.Context(), note, 0, send("n1", 1)))
	s.wantMoved(note, 0, send("n1", 1))
	s.wantSend(note, send("n1", 1))
}

func testMovesConcurrently(s *storeTest) {
	s.claim(hello, send("m1", 1), send("m1", 1))
	var winner atomic.Int64
	storetest.Concurrently(8, func(i int) {
		to := int64(i + 2)
		err := s.Sends.Move(s.Context(), hello, 1, send("m1", to))
		if err == nil {
			if other := winner.Swap(to); other != 0 {
				s.Errorf("moved from seq 1 to %d and to %d", other, to)
			}
		} else if !errors.Is(err, sends.ErrMoved) {
			s.Error(err)
		}
	})
	s.wantSend(hello, send("m1", winner.Load()))
}

func testSendExpiry(s *storeTest) {
	first := send("m1", 7)
	s.claim(hello, first, first)
	s.Now = first.ExpiresAt.Add(-time.Millisecond)
	s.wantSend(hello, first)
	s.claim(hello, send("m2", 8), first)

	s.Now = first.ExpiresAt.Add(-time.Second)
	for range 2 {
		s.Now = s.Now.Add(time.Second)
		s.wantUnknownSend(hello)
		s.wantMoved(hello, 7, send("m1", 9))
	}
	second := send("m2", 8)
	second.ExpiresAt = second.ExpiresAt.Add(sends.Window)
	s.claim(hello, second, second)
	s.wantSend(hello, second)
}

// claim claims a send and compares the stored one.
func (s *storeTest) claim(key sends.Key, claim, want sends.Send) {
	s.Helper()
	got, err := s.Sends.Claim(s.Context(), key, claim)
	s.Must(err)
	if !sameSend(got, want) {
		s.Errorf("claim %+v: got %+v, want %+v", key, got, want)
	}
}

// wantSend compares the stored send: soon, if not immediately.
func (s *storeTest) wantSend(key sends.Key, want sends.Send) {
	s.Helper()
	const tries = 20
	var got sends.Send
	var err error
	for range tries {
		if got, err = s.Sends.Get(s.Context(), key); err == nil && sameSend(got, want) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Errorf("send %+v: got %+v, %v, want %+v", key, got, err, want)
}

func (s *storeTest) wantUnknownSend(key sends.Key) {
	s.Helper()
	if got, err := s.Sends.Get(s.Context(), key); !errors.Is(err, sends.ErrUnknown) {
		s.Errorf("send %+v: got %+v, %v, want ErrUnknownSend", key, got, err)
	}
}

func (s *storeTest) wantMoved(key sends.Key, from int64, to sends.Send) {
	s.Helper()
	if err := s.Sends.Move(s.Context(), key, from, to); !errors.Is(err, sends.ErrMoved) {
		s.Errorf("move %+v from seq %d: got %v, want ErrMoved", key, from, err)
	}
}

func sameSend(a, b sends.Send) bool {
	same := a.Timestamp.Equal(b.Timestamp) && a.ExpiresAt.Equal(b.ExpiresAt)
	a.Timestamp, a.ExpiresAt = b.Timestamp, b.ExpiresAt
	return same && a == b
}
