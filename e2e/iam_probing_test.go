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

// poll asks until the answer is yes, or an error.
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

// until waits until a partition of the connection table has so many items.
func (p *probing) until(ctx context.Context, partition string, rows int32) error {
	err := poll(ctx, func() (bool, error) {
		out, err := p.db.Query(ctx, &dynamodb.QueryInput{
			TableName: &p.table, ConsistentRead: aws.Bool(true), Select: types.SelectCount,
			KeyConditionExpression:    aws.String("pk = :pk"),
			FilterExpression:          aws.String("attribute_exists(connectionId)"), // not the mark of a leave
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(partition)},
		})
		return err == nil && out.Count == rows, nil
	})
	if err != nil {
		return fmt.Errorf("%s does not come to %d rows: %w", partition, rows, err)
	}
	return nil
}

// untilSplit waits until a room has so many shards.
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

// refusedError says that a handshake was refused.
type refusedError struct{ status int }

func (e *refusedError) Error() string {
	return fmt.Sprintf("the handshake is refused with %d", e.status)
}

func (p *probing) dial(ctx context.Context, user, room string) (*socket, error) {
	return p.dialFor(ctx, time.Hour, user, room)
}

// dialFor connects with a token that lasts for a while.
func (p *probing) dialFor(ctx context.Context, lasts time.Duration, user, room string) (*socket, error) {
	token, err := p.token(user, lasts, "*")
	if err != nil {
		return nil, err
	}
	query := url.Values{"token": {token}}
	if room != "" {
		query.Set("roomId", room)
	}
	conn, response, err := websocket.Dial(ctx, p.cloud.APIs()[0].WebSocketURL+"?"+query.Encode(), nil)
	if response != nil && err != nil {
		return nil, &refusedError{response.StatusCode}
	}
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

// receive reads until a frame of that type comes, and returns it. An error frame ends
// the wait.
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
