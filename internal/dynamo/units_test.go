package dynamo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// units are the read and write units that calls took.
type units struct{ read, write float64 }

// metered adds up the units that calls take, as the engine bills them.
type metered struct {
	API
	mu  sync.Mutex
	sum units
}

func (m *metered) add(into *float64, used *types.ConsumedCapacity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if used != nil {
		*into += *used.CapacityUnits
	}
}

func (m *metered) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.API.GetItem(ctx, in, o...)
	if err == nil {
		m.add(&m.sum.read, out.ConsumedCapacity)
	}
	return out, err
}

func (m *metered) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.API.Query(ctx, in, o...)
	if err == nil {
		m.add(&m.sum.read, out.ConsumedCapacity)
	}
	return out, err
}

func (m *metered) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.API.PutItem(ctx, in, o...)
	if err == nil {
		m.add(&m.sum.write, out.ConsumedCapacity)
	}
	return out, err
}

func (m *metered) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.API.UpdateItem(ctx, in, o...)
	if err == nil {
		m.add(&m.sum.write, out.ConsumedCapacity)
	}
	return out, err
}

func (m *metered) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.API.DeleteItem(ctx, in, o...)
	if err == nil {
		m.add(&m.sum.write, out.ConsumedCapacity)
	}
	return out, err
}

// TestUnits compares the units of the steps of a message, and of a notification, with those
// that the documentation states.
func TestUnits(t *testing.T) {
	t.Parallel()
	api := &metered{API: client}
	messages, now := newTable(t), time.Now
	connections := newConnections(api, newTable(t), now)
	log, sent, inboxes := newLog(api, messages, now), NewSends(api, messages, now), NewInboxes(api, messages, now)
	expires := time.Now().Add(time.Hour)
	st := members.Status{Established: true, AckedSeq: 1 << 40, PresentUntil: expires}
	for i := range 10 {
		id := fmt.Sprintf("R0oXAdfD0kwCH6w%d=", i)
		must(t, connections.Connect(t.Context(), members.Connection{
			ID: id, UserID: fmt.Sprintf("user-%d", i), IP: "192.0.2.1", ConnectedAt: time.Now(), ExpiresAt: expires,
		}))
		must(t, connections.Join(t.Context(), id, members.Membership{RoomID: "a room of ten", Shard: 1}, st, members.JoinConditions{}))
	}
	much := session.Identity{UserID: "user-2", TokenExpiresAt: expires.Truncate(time.Minute).Add(time.Hour)}
	much.Permissions.Rooms = slices.Repeat([]string{strings.Repeat("r", 97)}, permission.MaxBytes/100)
	id, key := strings.Repeat("7", 26), sends.Key{UserID: "user-1", ClientID: strings.Repeat("c", 36), RoomID: "a room of ten"}
	member := members.Membership{RoomID: key.RoomID, Shard: 1}
	send := sends.Send{ID: id, Timestamp: time.Now(), Seq: 1, ExpiresAt: expires}
	largest := shard.Layout{Shards: 1000, Members: 100_000, Version: 1}
	for shard := range 32 {
		largest.Open = append(largest.Open, 900+shard)
	}
	steps := []struct {
		name string
		want units
		do   func() error
	}{
		{"connection", units{read: 1}, func() error { _, err := connections.Connection(t.Context(), "R0oXAdfD0kwCH6w1="); return err }},
		{"refresh", units{write: 2}, func() error {
			_, err := connections.Renew(t.Context(), "R0oXAdfD0kwCH6w1=", session.Identity{UserID: "user-1", Permissions: permission.Everything(), TokenExpiresAt: much.TokenExpiresAt})
			return err
		}},
		{"refresh with the most permissions", units{write: 4}, func() error {
			_, err := connections.Renew(t.Context(), "R0oXAdfD0kwCH6w2=", much)
			return err
		}},
		{"connection with them", units{read: 1}, func() error { _, err := connections.Connection(t.Context(), "R0oXAdfD0kwCH6w2="); return err }},
		{"unknown send", units{read: 0.5}, func() error { _, _ = sent.Get(t.Context(), key); return nil }},
		{"advance", units{write: 1}, func() error {
			_, err := log.Advance(t.Context(), key.RoomID, id, time.Now(), time.Now().Add(time.Hour))
			return err
		}},
		{"claim", units{write: 1}, func() error { _, err := sent.Claim(t.Context(), key, send); return err }},
		{"put", units{write: 1}, func() error {
			_, err := log.Put(t.Context(), roomlog.Entry{
				RoomID: key.RoomID, Seq: 1, ID: id, UserID: key.UserID, Message: strings.Repeat("a", 600),
				Timestamp: time.Now(), ExpiresAt: expires,
			})
			return err
		}},
		{"members", units{read: 1}, func() error { _, err := connections.Members(t.Context(), key.RoomID, 1, 101); return err }},
		{"count", units{read: 1}, func() error { _, err := connections.Count(t.Context(), key.RoomID, 1); return err }},
		{"known send", units{read: 0.5}, func() error { _, err := sent.Get(t.Context(), key); return err }},
		{"move", units{write: 1}, func() error { return sent.Move(t.Context(), key, 1, send) }},
		{"resize", units{write: 1}, func() error { return log.Resize(t.Context(), key.RoomID, largest, time.Now().Add(time.Hour)) }},
		{"advance of the largest room", units{write: 1}, func() error {
			_, err := log.Advance(t.Context(), key.RoomID, id, time.Now(), time.Now().Add(time.Hour))
			return err
		}},
		{"head", units{read: 1}, func() error { _, err := log.Head(t.Context(), key.RoomID); return err }},
		{"refresh", units{write: 1}, func() error {
			return connections.SetStatus(t.Context(), "R0oXAdfD0kwCH6w1=", member, st)
		}},
		{"member", units{read: 1}, func() error {
			_, err := connections.Member(t.Context(), "R0oXAdfD0kwCH6w1=", member)
			return err
		}},
		{"keep", units{write: 2}, func() error { return keepNote(t, inboxes, 1) }},
		{"waiting", units{read: 1}, func() error { _, err := inboxes.List(t.Context(), "ada", "", 50); return err }},
		{"acknowledge", units{write: 1}, func() error { return inboxes.Acknowledge(t.Context(), "ada", noteID(1)) }},
	}
	for _, step := range steps {
		api.sum = units{}
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		if api.sum != step.want {
			t.Errorf("%s: took %+v, want %+v", step.name, api.sum, step.want)
		}
	}
}

// TestUnitsOfRecovery reads 1,000 messages: that takes the units of their bytes.
func TestUnitsOfRecovery(t *testing.T) {
	t.Parallel()
	const messages = 1000
	table, expires := newTable(t), time.Now().Add(time.Hour)
	log := newLog(client, table, time.Now)
	entry := roomlog.Entry{
		RoomID: "lobby", ID: strings.Repeat("7", 26), UserID: "ada", Message: strings.Repeat("a", 100),
		Timestamp: time.Now(), ExpiresAt: expires,
	}
	inParallel(t, messages, func(i int) error {
		e := entry
		e.Seq = int64(i + 1)
		_, err := log.Put(t.Context(), e)
		return err
	})
	api := &metered{API: client}
	got, err := newLog(api, table, time.Now).Entries(t.Context(), "lobby", roomlog.Span{From: 1, To: messages, Limit: messages})
	if err != nil || len(got) != messages {
		t.Fatalf("got %d entries, %v", len(got), err)
	}
	// The names of the attributes count, and so do the values; a number of n
	// digits counts for about half as many bytes.
	const bytes = len("pk"+"ROOM#lobby"+"sk"+"0000000000000001"+"id"+"userId"+"ada"+"message"+"timestamp"+"ttl") + 26 + 100 + 8 + 6
	if want := float64(messages*bytes) / 4096; api.sum.read > want*1.05+1 {
		t.Errorf("took %v read units for %d bytes, want about %v", api.sum.read, messages*bytes, want)
	}
}
