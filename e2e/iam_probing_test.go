package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/coder/websocket"
)

// ghost writes the rows of a connection that the gateway does not know, and
// that is so old. A young one is not believed to be gone.
func (p *probing) ghost(ctx context.Context, user, room string, age time.Duration) error {
	id := "Z2hvc3Q" + fmt.Sprintf("%08x", time.Now().UnixNano()&0xffffffff) + "="
	since := time.Now().Add(-age)
	for _, key := range [][2]string{{"CONN#" + id, "-"}, {"ROOM#" + room + "#0", id}, {"USER#" + user, id}} {
		item := map[string]types.AttributeValue{
			"pk": text(key[0]), "sk": text(key[1]), "connectionId": text(id), "userId": text(user), "roomId": text(room),
			"connectedAt": number(since.UnixMilli()), "ttl": number(since.Add(2 * time.Hour).Unix()),
		}
		if key[1] == "-" {
			item["rooms"] = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{room: number(0)}}
		}
		if _, err := p.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &p.table, Item: item}); err != nil {
			return err
		}
	}
	return nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// poll asks until the answer is yes. It ends with an error at once.
func poll(ctx context.Context, ask func() (bool, error)) error {
	for {
		if ok, err := ask(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// until waits for a partition of the connection table to have so many rows.
func (p *probing) until(ctx context.Context, partition string, rows int32) error {
	err := poll(ctx, func() (bool, error) {
		out, err := p.db.Query(ctx, &dynamodb.QueryInput{
			TableName: &p.table, ConsistentRead: aws.Bool(true), Select: types.SelectCount,
			KeyConditionExpression:    aws.String("pk = :pk"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(partition)},
		})
		return err == nil && out.Count == rows, nil
	})
	if err != nil {
		return fmt.Errorf("%s does not come to %d rows: %w", partition, rows, err)
	}
	return nil
}

// untilSplit waits for a room to have so many shards.
func (p *probing) untilSplit(ctx context.Context, room string, shards int) error {
	err := poll(ctx, func() (bool, error) {
		out, err := p.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &p.log, ConsistentRead: aws.Bool(true),
			Key: map[string]types.AttributeValue{"pk": text("ROOM#" + room), "sk": text("HEAD")},
		})
		if err != nil {
			return false, nil
		}
		split, ok := out.Item["shards"].(*types.AttributeValueMemberN)
		return ok && split.Value == strconv.Itoa(shards), nil
	})
	if err != nil {
		return fmt.Errorf("room %s is not split into %d shards: %w", room, shards, err)
	}
	return nil
}

// socket is a connection of a probe.
type socket struct{ conn *websocket.Conn }

func (p *probing) dial(ctx context.Context, user, room string) (*socket, error) {
	query := url.Values{"userId": {user}}
	if room != "" {
		query.Set("roomId", room)
	}
	conn, _, err := websocket.Dial(ctx, p.cloud.APIs()[0].WebSocketURL+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.CloseNow() })
	return &socket{conn}, nil
}

func (s *socket) send(ctx context.Context, frame object) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	return s.conn.Write(ctx, websocket.MessageText, data)
}

// receive reads until a frame of that type comes, and returns it. A frame that
// tells of an error ends the wait.
func (s *socket) receive(ctx context.Context, kind string) (object, error) {
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			return nil, fmt.Errorf("no %s: %w", kind, err)
		}
		var frame object
		if err := json.Unmarshal(data, &frame); err != nil {
			return nil, err
		}
		switch frame["type"] {
		case kind:
			return frame, nil
		case "error", nil:
			return nil, fmt.Errorf("instead of %s: %s", kind, data)
		}
	}
}

// await reads until a frame of that type comes.
func (s *socket) await(ctx context.Context, kind string) error {
	_, err := s.receive(ctx, kind)
	return err
}

// ask sends a frame and returns the answer.
func (s *socket) ask(ctx context.Context, frame object, answer string) (object, error) {
	if err := s.send(ctx, frame); err != nil {
		return nil, err
	}
	return s.receive(ctx, answer)
}

// tell sends a frame and awaits the answer.
func (s *socket) tell(ctx context.Context, frame object, answer string) error {
	_, err := s.ask(ctx, frame, answer)
	return err
}
