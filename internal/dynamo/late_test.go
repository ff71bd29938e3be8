package dynamo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

var errLate = errors.New("the table answered with an error, and carries out the write later")

// late carries out puts when the test says so: it returns an error before, or carries them
// out immediately and once more then.
type late struct {
	API
	twice bool
	mu    sync.Mutex // Connect puts several items at the same time
	puts  []func() error
}

func (l *late) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.puts = append(l.puts, func() error {
		_, err := l.API.PutItem(context.WithoutCancel(ctx), in, o...)
		return err
	})
	if l.twice {
		return l.API.PutItem(ctx, in, o...)
	}
	return nil, errLate
}

// TestLateMembership carries out the write of a join after the connection was removed from
// the room, by a leave or by a refresh that removed its permission: the write has no effect.
// A later join has.
func TestLateMembership(t *testing.T) {
	t.Parallel()
	ends := time.Now().Add(time.Hour).Truncate(time.Second)
	takeOut := map[string]func(s *realtimetest.App) protocol.Frame{
		"leave": func(s *realtimetest.App) protocol.Frame {
			return s.Leave(t.Context(), "c1", []byte(`{"action":"leave","roomId":"lobby"}`))
		},
		"refresh": func(s *realtimetest.App) protocol.Frame {
			return s.RefreshToken(t.Context(), "c1", protocol.Refresh{}, func(context.Context) (session.Identity, error) {
				return session.Identity{UserID: "ada", TokenExpiresAt: ends}, nil
			})
		},
		"leave, then refresh": nil,
	}
	takeOut["leave, then refresh"] = func(s *realtimetest.App) protocol.Frame {
		takeOut["leave"](s)
		return takeOut["refresh"](s)
	}
	for name, out := range takeOut {
		for _, twice := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				connections, messages := newTable(t), newTable(t)
				log := newLog(client, messages, time.Now)
				must(t, log.Resize(t.Context(), "lobby", shard.Layout{Shards: 4, Open: []int{3}, Version: 1}, time.Now().Add(time.Hour)))
				service := func(api API) *realtimetest.App {
					return realtimetest.New(realtimetest.Options{Connections: newConnections(api, connections, time.Now), Log: log, ShardSize: 1 << 30, Logger: slog.New(slog.DiscardHandler)})
				}
				c := newConnections(client, connections, time.Now)
				must(t, c.Connect(t.Context(), members.Connection{
					ID: "c1", UserID: "ada", Permissions: permission.Default(), ConnectedAt: time.Now(), ExpiresAt: ends, TokenExpiresAt: ends,
				}))
				api := &late{API: client, twice: twice}
				service(api).Join(t.Context(), "c1", []byte(`{"action":"join","roomId":"lobby"}`))
				if frame := out(service(client)); frame.Type() == "error" {
					t.Errorf("got %+v", frame)
				}
				for _, put := range api.puts {
					if err := put(); err != nil && !conditionFailed(err) {
						t.Error(err)
					}
				}
				all, err := c.Members(t.Context(), "lobby", 3, 0)
				must(t, err)
				n, err := c.Count(t.Context(), "lobby", 3)
				must(t, err)
				_, err = c.Member(t.Context(), "c1", members.Membership{RoomID: "lobby", Shard: 3})
				if len(all) != 0 || n != 0 || !errors.Is(err, members.ErrNotMember) {
					t.Errorf("after the late write the room has %v, %d members, %v", all, n, err)
				}
				must(t, c.Join(t.Context(), "c1", members.Membership{RoomID: "lobby", Shard: 3}, members.Status{}, members.JoinConditions{}))
				if n, err := c.Count(t.Context(), "lobby", 3); n != 1 || err != nil {
					t.Errorf("after a later join the room has %d members, %v", n, err)
				}
			})
		}
	}
}

// TestLateConnect carries out the writes of a handshake once more after the
// connection has left one room and joined another: they have no effect.
func TestLateConnect(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	api := &late{API: client, twice: true}
	c := newConnections(client, table, time.Now)
	ends := time.Now().Add(time.Hour).Truncate(time.Second)
	must(t, newConnections(api, table, time.Now).Connect(t.Context(), members.Connection{
		ID: "c1", UserID: "ada", Permissions: permission.Default(), ConnectedAt: time.Now(), ExpiresAt: ends, TokenExpiresAt: ends,
		Rooms: []members.Membership{{RoomID: "lobby"}},
	}))
	must(t, c.Join(t.Context(), "c1", members.Membership{RoomID: "tea"}, members.Status{AckedSeq: 7}, members.JoinConditions{}))
	must(t, c.Leave(t.Context(), "c1", "lobby"))
	for _, put := range api.puts {
		if err := put(); err != nil && !conditionFailed(err) {
			t.Error(err)
		}
	}
	conn, err := c.Connection(t.Context(), "c1")
	must(t, err)
	if want := []members.Membership{{RoomID: "tea"}}; !slices.Equal(conn.Rooms, want) {
		t.Errorf("after the late writes the connection is in %v, want %v", conn.Rooms, want)
	}
	if members, err := c.Members(t.Context(), "lobby", 0, 0); len(members) != 0 || err != nil {
		t.Errorf("after the late writes the room that was left has %v, %v", members, err)
	}
}

// TestUnitsOfLongNames joins as many rooms with the longest names as a connection may be in:
// the units of a join stay limited.
func TestUnitsOfLongNames(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	api := &metered{API: client}
	c := newConnections(api, table, time.Now)
	ends := time.Now().Add(time.Hour).Truncate(time.Second)
	must(t, c.Connect(t.Context(), members.Connection{
		ID: "c1", UserID: "ada", Permissions: permission.Everything(), ConnectedAt: time.Now(), ExpiresAt: ends,
	}))
	service := realtimetest.New(realtimetest.Options{
		Connections: c, Log: newLog(client, newTable(t), time.Now), ShardSize: 1 << 30,
		Limits: limits.Limits{FrameRate: limits.Unlimited},
	})
	refused := 0
	for i := range 100 {
		frame := service.Join(t.Context(), "c1", []byte(`{"action":"join","roomId":"`+longName(i)+`"}`))
		if e, ok := frame.(protocol.ErrorFrame); ok {
			refused++
			if e.Code != protocol.CodeLimitReached {
				t.Fatalf("got %+v", e)
			}
		}
	}
	conn, err := c.Connection(t.Context(), "c1")
	must(t, err)
	if refused != 85 || len(conn.Rooms) != 15 {
		t.Errorf("%d joins were refused, and it is in %d rooms, want 85 and 15", refused, len(conn.Rooms))
	}
	again := members.Membership{RoomID: longName(0)}
	const most = 11 // 10 for the connection's row of 8 KB of names and 2 KB of rights at most, 1 for the membership
	api.sum = units{}
	must(t, c.Join(t.Context(), "c1", again, members.Status{}, members.JoinConditions{}))
	if got := api.sum.write; got > most {
		t.Errorf("a join wrote %v units, want %d at most", got, most)
	}
}

// longName returns one of the longest names of a room.
func longName(n int) string { return fmt.Sprintf("%03d", n) + strings.Repeat("😀", 125) }
