package fanout

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/dynamo"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

const (
	// seedWriters is how many writes of a batch are under way at a time, and
	// seedBatch how many members each holds, as many as DynamoDB takes.
	seedWriters = 8
	seedBatch   = 25
)

// layoutOf returns the layout of a room that grew to so many members: full
// shards, and one that takes more.
func layoutOf(members, shardSize int) shard.Layout {
	if members <= shardSize {
		return shard.Layout{Members: members, Version: 1}
	}
	shards := (members + shardSize - 1) / shardSize
	return shard.Layout{Shards: shards + 1, Open: []int{shards}, Members: members, Version: 1}
}

// seed writes the memberships of a room, as joins would have left them, for
// the members from number first on.
func seed(ctx context.Context, s Stack, room string, layout shard.Layout, first, all int) error {
	layouts := dynamo.NewLayouts(s.DynamoDB, s.MessageTable)
	if err := layouts.Resize(ctx, room, layout, time.Now().Add(60*24*time.Hour)); err != nil {
		return fmt.Errorf("bench fanout: lay the room out: %w", err)
	}
	// New members of a room that is split go to the open shard, the others are
	// spread over those that are full.
	full := max(layout.Shards-1, 1)
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(seedWriters)
	for from := 0; from < all; from += seedBatch {
		work.Go(func() error {
			batch := &memberships{Client: s.DynamoDB}
			connections := dynamo.NewConnections(batch, s.ConnectionTable, time.Now)
			now := time.Now().Truncate(time.Millisecond)
			for n := from; n < min(from+seedBatch, all); n++ {
				err := connections.Connect(ctx, members.Connection{
					ID: connectionID(first + n), UserID: fmt.Sprintf("member-%d", first+n), IP: "192.0.2.1", ConnectedAt: now,
					ExpiresAt: now.Add(members.ConnectionLifetime).Truncate(time.Second),
					Rooms:     []members.Membership{{RoomID: room, Shard: n % full}},
				})
				if err != nil {
					return fmt.Errorf("bench fanout: seed the members: %w", err)
				}
			}
			return batch.flush(ctx)
		})
	}
	return work.Wait()
}

// memberships is a table to which only memberships are written, and those
// together: the rest of what is stored about a connection plays no part in
// fan-out, and 100,000 connections are to be there soon.
type memberships struct {
	*dynamodb.Client

	mu     sync.Mutex
	writes map[string][]types.WriteRequest // by table
}

// BatchWriteItem keeps what is to be written for later.
func (m *memberships) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writes == nil {
		m.writes = map[string][]types.WriteRequest{}
	}
	for table, writes := range in.RequestItems {
		for _, w := range writes {
			if pk, ok := w.PutRequest.Item["pk"].(*types.AttributeValueMemberS); ok && strings.HasPrefix(pk.Value, "ROOM#") {
				m.writes[table] = append(m.writes[table], w)
			}
		}
	}
	return &dynamodb.BatchWriteItemOutput{}, nil
}

// flush writes what was kept.
func (m *memberships) flush(ctx context.Context) error {
	for pending := m.writes; len(pending) > 0; {
		out, err := m.Client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: pending})
		if err != nil {
			return fmt.Errorf("bench fanout: seed the members: %w", err)
		}
		pending = out.UnprocessedItems
	}
	return nil
}
