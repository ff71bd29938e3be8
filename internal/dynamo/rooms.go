package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Join implements [realtime.Connections].
func (c *Connections) Join(ctx context.Context, connectionID, roomID string, st realtime.Standing) error {
	// The connection first: what it lists is what its end cleans up, and it
	// knows whose connection it is.
	conn, err := c.listRoom(ctx, "ADD", connectionID, roomID)
	if err != nil {
		return fmt.Errorf("add room %q to connection %s: %w", roomID, connectionID, err)
	}
	_, err = c.api.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.name, Item: membership(conn, roomID, st)})
	if err != nil {
		return fmt.Errorf("store connection %s in room %q: %w", connectionID, roomID, err)
	}
	return nil
}

// Leave implements [realtime.Connections].
func (c *Connections) Leave(ctx context.Context, connectionID, roomID string) error {
	// The membership first: a connection that still lists the room cleans it up.
	_, err := c.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &c.name, Key: memberKey(roomID, firstShard, connectionID),
	})
	if err != nil {
		return fmt.Errorf("remove connection %s from room %q: %w", connectionID, roomID, err)
	}
	_, err = c.listRoom(ctx, "DELETE", connectionID, roomID)
	if err != nil && !errors.Is(err, realtime.ErrUnknownConnection) {
		return fmt.Errorf("remove room %q from connection %s: %w", roomID, connectionID, err)
	}
	return nil
}

// listRoom changes the set of rooms that a connection lists, by the action ADD
// or DELETE, and returns the connection.
func (c *Connections) listRoom(ctx context.Context, action, connectionID, roomID string) (realtime.Connection, error) {
	out, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &c.name,
		Key:                      connectionKey(connectionID),
		UpdateExpression:         aws.String(action + " #rooms :room"),
		ConditionExpression:      aws.String("#ttl > :now"), // and so it exists
		ExpressionAttributeNames: names(attrRooms, attrTTL),
		ExpressionAttributeValues: item{
			":room": textSet(roomID),
			":now":  number(c.now().Unix()),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if conditionFailed(err) {
		return realtime.Connection{}, realtime.ErrUnknownConnection
	}
	if err != nil {
		return realtime.Connection{}, err
	}
	return item(out.Attributes).connection(), nil
}
