package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime"
)

const (
	// endingParts is how many keys the endings of one minute have. Each takes
	// 1,000 writes a second, so 16,000 connections and refreshes a second may have
	// tokens that end in the same minute: three times the 5,000 connections a
	// second that docs/guide/capacity.md says to ask AWS for, which leaves room for
	// keys that share a partition or get more than their share. A sweep reads all
	// of them, 96 units a minute, about $0.53 a month.
	//
	// It may be raised in place: sweeps find what was written to fewer parts. It
	// must not be lowered while a connection is open that is in a higher part.
	endingParts = 16
	// endingKept is how long an ending is kept, if nobody deletes it.
	endingKept = 24 * time.Hour
)

// grantItem returns what a connection may do, and until when. Of open
// authentication that is some 40 bytes, so it has no shorter form.
func grantItem(p permission.Permissions, endsAt time.Time) item {
	i := item{attrMay: text(rights(p))}
	if !endsAt.IsZero() {
		i[attrEndsAt] = number(endsAt.Unix())
	}
	return i
}

// permissions returns what a connection may do: nothing where that is not
// there, or cannot be read.
func (i item) permissions() permission.Permissions {
	var p permission.Permissions
	if json.Unmarshal([]byte(i.text(attrMay)), &p) != nil {
		return permission.Permissions{}
	}
	return p
}

// endingKey spreads the endings of a minute over its partitions.
func endingKey(connectionID string, endsAt time.Time) item {
	hash := fnv.New32a()
	hash.Write([]byte(connectionID))
	return key(endingPK(endsAt, int(hash.Sum32()%endingParts)), connectionID)
}

func endingPK(minute time.Time, part int) string {
	return fmt.Sprintf("EXPIRY#%d#%d", minute.Unix()/60, part)
}

func endingItem(connectionID string, endsAt time.Time) item {
	return endingKey(connectionID, endsAt).with(item{
		attrConnectionID: text(connectionID),
		attrEndsAt:       number(endsAt.Unix()),
		attrTTL:          number(endsAt.Add(endingKept).Unix()),
	})
}

// Renew implements [realtime.Connections]. The ending comes first: without one
// the connection would stay open after its new token has ended.
func (c *Connections) Renew(ctx context.Context, connectionID string, id realtime.Identity) (realtime.Connection, error) {
	if err := c.NoteEnding(ctx, realtime.Ending{ConnectionID: connectionID, EndsAt: id.EndsAt}); err != nil {
		return realtime.Connection{}, err
	}
	grant := grantItem(id.Permissions, id.EndsAt)
	out, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &c.name,
		Key:                      connectionKey(connectionID),
		UpdateExpression:         aws.String("SET #may = :may, #endsAt = :endsAt"),
		ConditionExpression:      aws.String("#ttl > :now AND #userId = :userId"), // and so it exists
		ExpressionAttributeNames: names(attrMay, attrEndsAt, attrTTL, attrUserID),
		ExpressionAttributeValues: item{
			":may": grant[attrMay], ":endsAt": grant[attrEndsAt],
			":now": number(c.now().Unix()), ":userId": text(id.UserID),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if conditionFailed(err) {
		err = realtime.ErrUnknownConnection
	}
	if err != nil {
		return realtime.Connection{}, fmt.Errorf("renew connection %s: %w", connectionID, err)
	}
	return item(out.Attributes).connection(), nil
}

// NoteEnding implements [realtime.Connections].
func (c *Connections) NoteEnding(ctx context.Context, e realtime.Ending) error {
	_, err := c.api.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.name, Item: endingItem(e.ConnectionID, e.EndsAt)})
	if err != nil {
		return fmt.Errorf("note when the token of connection %s ends: %w", e.ConnectionID, err)
	}
	return nil
}

// Endings implements [realtime.Connections].
func (c *Connections) Endings(ctx context.Context, minute time.Time) ([]realtime.Ending, error) {
	var endings []realtime.Ending
	for n := range endingParts {
		items, err := c.query(ctx, part{pk: endingPK(minute, n), attrs: []string{attrConnectionID, attrEndsAt}})
		if err != nil {
			return nil, fmt.Errorf("query part %d of the tokens that end in minute %d: %w", n, minute.Unix()/60, err)
		}
		for _, i := range items {
			endings = append(endings, realtime.Ending{ConnectionID: i.text(attrConnectionID), EndsAt: i.seconds(attrEndsAt)})
		}
	}
	return endings, nil
}

// DropEnding implements [realtime.Connections].
func (c *Connections) DropEnding(ctx context.Context, e realtime.Ending) error {
	_, err := c.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &c.name, Key: endingKey(e.ConnectionID, e.EndsAt)})
	if err != nil {
		return fmt.Errorf("drop the ending of connection %s: %w", e.ConnectionID, err)
	}
	return nil
}
