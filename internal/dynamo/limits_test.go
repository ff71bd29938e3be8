package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

const address = limits.QuotaKey("IP#192.0.2.1")

// fill takes the first slots of a quota for other connections.
func fill(t *testing.T, s *Slots, of limits.QuotaKey, slots int, expiresAt time.Time) {
	t.Helper()
	var writes []types.WriteRequest
	for slot := range slots {
		writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{
			Item: slotKey(limits.Slot{Quota: of, Number: slot}).with(item{
				attrConnectionID: text(fmt.Sprintf("R0oXAdfD0kw%04d=", slot)), attrTTL: number(expiresAt.Unix()),
			}),
		}})
	}
	must(t, s.write(t.Context(), writes))
}

// TestUnitsOfLimits compares the units of the limits with docs/reference/limits.md.
func TestUnitsOfLimits(t *testing.T) {
	t.Parallel()
	api, table := &metered{API: client}, newTable(t)
	slots, rates := NewSlots(api, table, time.Now), NewBuckets(api, table)
	expires := time.Now().Add(time.Hour)
	at := time.Now()
	var full time.Time
	spend := func(known time.Time) func() error {
		return func() (err error) {
			full, err = rates.Withdraw(t.Context(), "ada", limits.Withdrawal{Cost: time.Second, Burst: 20 * time.Second, At: at, FullAt: known})
			return err
		}
	}
	var slot limits.Slot
	take := func() (err error) {
		slot, err = slots.Take(t.Context(), address, 1000, "R0oXAdfD0kwCH6w1=", expires)
		return err
	}
	for _, step := range []struct {
		name string
		want units
		do   func() error
	}{
		{"a message", units{write: 1}, spend(time.Time{})},
		{"another one, whose function knows the first", units{write: 1}, spend(at.Add(time.Second))},
		{"another one, whose function does not", units{write: 1}, spend(time.Time{})}, // and on AWS the one that failed
		{"a slot", units{write: 1}, take},
		{"the same slot", units{write: 1}, take},
		{"its release", units{write: 1}, func() error { return slots.Release(t.Context(), slot, "R0oXAdfD0kwCH6w1=") }},
	} {
		api.sum = units{}
		if err := step.do(); err != nil || api.sum != step.want {
			t.Errorf("%s: took %+v, %v, want %+v", step.name, api.sum, err, step.want)
		}
	}
	if want := at.Add(3 * time.Second).Truncate(time.Microsecond); !full.Equal(want) {
		t.Errorf("the bucket is full at %v, want %v", full, want)
	}
	fill(t, slots, address, 1000, expires)
	api.sum = units{}
	if err := take(); !errors.Is(err, limits.ErrQuotaFull) {
		t.Errorf("none is free: got %v", err)
	}
	if api.sum.write != 0 || api.sum.read > 25 {
		t.Errorf("looking through 1,000 slots took %+v, want 25 at most", api.sum)
	}
}

// TestCallsOfLimits counts the calls of refused withdrawals.
func TestCallsOfLimits(t *testing.T) {
	t.Parallel()
	api, table := newCounting(client), newTable(t)
	slots, rates := NewSlots(api, table, time.Now), NewBuckets(api, table)
	expires := time.Now().Add(time.Hour)
	fill(t, slots, address, 5, expires)
	at := time.Now()
	for _, step := range []struct {
		name        string
		cost, known time.Duration
		want        map[string]int
		used        bool
	}{
		{"the first", time.Second, 0, map[string]int{"UpdateItem": 1}, false},
		{"one after it", time.Second, 0, map[string]int{"UpdateItem": 2}, false},
		{"one whose function knows that", time.Second, 2 * time.Second, map[string]int{"UpdateItem": 1}, false},
		{"one that is refused", time.Second, 0, map[string]int{"UpdateItem": 2, "GetItem": 1}, true},
		{"more than a bucket holds", time.Minute, 0, map[string]int{"UpdateItem": 1, "GetItem": 1}, true},
	} {
		sp := limits.Withdrawal{Cost: step.cost, Burst: 3 * time.Second, At: at}
		if step.known != 0 {
			sp.FullAt = at.Add(step.known)
		}
		api.taken()
		if _, err := rates.Withdraw(t.Context(), "ada", sp); errors.Is(err, limits.ErrRateLimited) != step.used || !step.used && err != nil {
			t.Errorf("%s: got %v", step.name, err)
		}
		if got := api.taken(); !maps.Equal(got, step.want) {
			t.Errorf("%s: made the calls %v, want %v", step.name, got, step.want)
		}
	}
	api.taken()
	if _, err := slots.Take(t.Context(), address, 5, "c1", expires); !errors.Is(err, limits.ErrQuotaFull) {
		t.Errorf("got %v, want ErrNoSlot", err)
	}
	if got, want := api.taken(), map[string]int{"PutItem": slotTries, "Query": 1}; !maps.Equal(got, want) {
		t.Errorf("a connection that is refused: made the calls %v, want %v", got, want)
	}
	fill(t, slots, "ROOM#large", 2500, expires)
	api.taken()
	if _, err := slots.Take(t.Context(), "ROOM#large", 2500, "c1", expires); !errors.Is(err, limits.ErrQuotaFull) {
		t.Errorf("got %v, want ErrNoSlot", err)
	}
	if got, want := api.taken(), map[string]int{"PutItem": slotTries, "Query": 3}; !maps.Equal(got, want) {
		t.Errorf("a member that is refused: made the calls %v, want %v", got, want)
	}
	if slot, err := slots.Take(t.Context(), "ROOM#large", 2501, "c1", expires); err != nil || slot.Number != 2500 {
		t.Errorf("the last of 2,501: got %+v, %v", slot, err)
	}
}

// TestUnitsOfAMessage compares a message, and a connection, with the same ones
// without limits.
func TestUnitsOfAMessage(t *testing.T) {
	t.Parallel()
	took := func(l limits.Limits) (connect, message units) {
		api, connections, messages := &metered{API: client}, newTable(t), newTable(t)
		s := realtimetest.New(realtimetest.Options{
			Connections: newConnections(api, connections, time.Now), Log: newLog(api, messages, time.Now),
			Sends: NewSends(api, messages, time.Now), Buckets: NewBuckets(api, connections), Slots: NewSlots(api, connections, time.Now),
			Poster: &realtimetest.Poster{}, Queue: &realtimetest.Queue{}, Limits: l,
		})
		if e := s.Connect(t.Context(), session.Handshake{
			Identity:     session.Identity{UserID: "ada", Permissions: permission.Everything()},
			ConnectionID: "c1", IP: "192.0.2.1", At: time.Now(), Query: map[string]string{"roomId": "lobby"},
		}); e != nil {
			t.Fatal(e)
		}
		connect, api.sum = api.sum, units{}
		s.SendMessage(t.Context(), "c1", []byte(`{"action":"sendMessage","message":"hi","clientId":"k1"}`))
		return connect, api.sum
	}
	connect, message := took(limits.Limits{
		MessageRate: limits.Unlimited, ConnectionsPerIP: limits.Unlimited, ConnectionsPerUser: limits.Unlimited,
	})
	limitedConnect, limitedMessage := took(limits.Limits{})
	if want := (units{read: connect.read, write: connect.write + 2}); limitedConnect != want {
		t.Errorf("a connection took %+v, want %+v", limitedConnect, want)
	}
	if want := (units{read: message.read, write: message.write + 1}); limitedMessage != want {
		t.Errorf("a message took %+v, want %+v", limitedMessage, want)
	}
}

// TestSlotsWhenAnswersAreLost takes and releases slots twice, as the SDK does.
func TestSlotsWhenAnswersAreLost(t *testing.T) {
	t.Parallel()
	table, expires := newTable(t), time.Now().Add(time.Hour)
	slots := NewSlots(doubling{client}, table, time.Now)
	for i := range 5 {
		_, err := slots.Take(t.Context(), address, 5, fmt.Sprint("c", i), expires)
		must(t, err)
	}
	if _, err := slots.Take(t.Context(), address, 5, "late", expires); !errors.Is(err, limits.ErrQuotaFull) {
		t.Errorf("got %v, want ErrNoSlot", err)
	}
	rates := NewBuckets(doubling{client}, table)
	at := time.Now()
	for i, want := range []error{nil, limits.ErrRateLimited, limits.ErrRateLimited} { // more is taken than should be, and never less
		full, err := rates.Withdraw(t.Context(), "ada", limits.Withdrawal{Cost: time.Second, Burst: 4 * time.Second, At: at})
		if !errors.Is(err, want) || full.Sub(at) > 4*time.Second {
			t.Errorf("message %d: got %v, %v, want %v", i, full.Sub(at), err, want)
		}
	}
}

// losing carries out some writes of slots and returns an error, and does not carry out
// others.
type losing struct{ API }

var errLost = errors.New("the answer was lost")

func (l losing) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	switch rand.N(6) {
	case 0:
		_, _ = l.API.PutItem(ctx, in, o...)
		return nil, errLost
	case 1:
		return nil, errLost
	}
	return l.API.PutItem(ctx, in, o...)
}

// TestSlotsWithFaults lets many connections take few slots while writes fail: no connection
// lacks a slot, no slot is lost, and all are taken in the end.
func TestSlotsWithFaults(t *testing.T) {
	t.Parallel()
	const limit, connections = 20, 40
	slots, expires := NewSlots(losing{client}, newTable(t), time.Now), time.Now().Add(time.Hour)
	var mu sync.Mutex
	held := map[limits.Slot]string{}
	inParallel(t, connections, func(i int) error {
		id := fmt.Sprint("c", i)
		for {
			slot, err := slots.Take(t.Context(), address, limit, id, expires)
			if errors.Is(err, errLost) {
				continue
			}
			if errors.Is(err, limits.ErrQuotaFull) {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if other, taken := held[slot]; taken {
				t.Errorf("%s and %s have %+v", other, id, slot)
			}
			held[slot] = id
			return err
		}
	})
	rows, err := slots.query(t.Context(), part{pk: slotPK(address, 0)})
	must(t, err)
	if len(rows) != len(held) || len(held) > limit {
		t.Errorf("%d of %d slots are taken, and %d connections have one", len(rows), limit, len(held))
	}
}

// TestSlotsGiveUp checks that Take ends if others take every slot that it finds.
func TestSlotsGiveUp(t *testing.T) {
	t.Parallel()
	_, err := NewSlots(stubborn{}, "table", time.Now).Take(t.Context(), address, 5, "c1", time.Now())
	if !errors.Is(err, errSlotsContended) {
		t.Errorf("got %v, want errSlotsContended", err)
	}
}

// TestRemoveEndsHalfway ends a Remove at the release of a slot: the row of the connection
// still says what is left to remove.
func TestRemoveEndsHalfway(t *testing.T) {
	t.Parallel()
	table, expires := newTable(t), time.Now().Add(time.Hour)
	c, slots := newConnections(client, table, time.Now), NewSlots(client, table, time.Now)
	slot, err := slots.Take(t.Context(), address, 1, "c1", expires)
	must(t, err)
	conn := members.Connection{ID: "c1", UserID: "ada", ConnectedAt: time.Now(), ExpiresAt: expires, Slots: []limits.Slot{slot}}
	must(t, c.Connect(t.Context(), conn))
	if err := newConnections(&ending{client, 0}, table, time.Now).Remove(t.Context(), conn); !errors.Is(err, errEnded) {
		t.Fatalf("got %v, want errEnded", err)
	}
	conn, err = c.Connection(t.Context(), "c1")
	must(t, err)
	must(t, c.Remove(t.Context(), conn))
	if _, err := slots.Take(t.Context(), address, 1, "c2", expires); err != nil {
		t.Errorf("after the second Remove: %v", err)
	}
}
