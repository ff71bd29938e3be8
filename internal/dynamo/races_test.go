package dynamo

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// interrupted lets something happen before the first write of a kind.
type interrupted struct {
	API
	beforePut, beforeUpdate func()
}

func (i *interrupted) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	once(&i.beforePut)
	return i.API.PutItem(ctx, in, o...)
}

func (i *interrupted) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	once(&i.beforeUpdate)
	return i.API.UpdateItem(ctx, in, o...)
}

func once(do *func()) {
	if f := *do; f != nil {
		*do = nil
		f()
	}
}

// TestNoMemberIsLeftOver has a connection leave a room in the middle of a join, by itself or
// by a token that does not permit the room, and join in the middle of a leave. It is never a
// member of a room that it does not list: it would get messages that it may not read.
func TestNoMemberIsLeftOver(t *testing.T) {
	t.Parallel()
	const join, leave = `{"action":"join","roomId":"lobby"}`, `{"action":"leave","roomId":"lobby"}`
	ends := time.Now().Add(time.Hour).Truncate(time.Second)
	tests := []struct {
		name string
		do   func(s, other *realtimetest.App, api *interrupted) protocol.Frame
		want string
	}{
		{"a refresh in a join", func(s, other *realtimetest.App, api *interrupted) protocol.Frame {
			api.beforePut = func() {
				other.RefreshToken(t.Context(), "c1", protocol.Refresh{}, func(context.Context) (session.Identity, error) {
					return session.Identity{UserID: "ada", TokenExpiresAt: ends}, nil
				})
			}
			return s.Join(t.Context(), "c1", []byte(join))
		}, `"forbidden"`},
		{"a leave in a join", func(s, other *realtimetest.App, api *interrupted) protocol.Frame {
			api.beforePut = func() { other.Leave(t.Context(), "c1", []byte(leave)) }
			return s.Join(t.Context(), "c1", []byte(join))
		}, `"not_in_room"`},
		{"a join in a leave", func(s, other *realtimetest.App, api *interrupted) protocol.Frame {
			other.Join(t.Context(), "c1", []byte(join))
			api.beforeUpdate = func() { other.Join(t.Context(), "c1", []byte(join)) }
			return s.Leave(t.Context(), "c1", []byte(leave))
		}, `"left"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			connections, messages := newTable(t), newTable(t)
			log := newLog(client, messages, time.Now)
			must(t, log.Resize(t.Context(), "lobby", shard.Layout{Shards: 4, Open: []int{3}, Version: 1}, time.Now().Add(time.Hour)))
			api := &interrupted{API: client}
			service := func(api API) *realtimetest.App {
				return realtimetest.New(realtimetest.Options{Connections: newConnections(api, connections, time.Now), Log: log, ShardSize: 1 << 30})
			}
			c := newConnections(client, connections, time.Now)
			must(t, c.Connect(t.Context(), members.Connection{
				ID: "c1", UserID: "ada", Permissions: permission.Default(), ConnectedAt: time.Now(), ExpiresAt: ends, TokenExpiresAt: ends,
			}))
			frame, err := protocol.Encode(test.do(service(api), service(client), api))
			must(t, err)
			if !strings.Contains(string(frame), test.want) {
				t.Errorf("got %s, want %s", frame, test.want)
			}
			members, err := c.Members(t.Context(), "lobby", 3, 0)
			must(t, err)
			conn, err := c.Connection(t.Context(), "c1")
			must(t, err)
			if len(members) != 0 || len(conn.Rooms) != 0 {
				t.Errorf("it lists %v, and the room has %v", conn.Rooms, members)
			}
		})
	}
}
