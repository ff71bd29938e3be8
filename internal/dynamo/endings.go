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
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/session"
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

// Expiries keeps when tokens expire in the table of connections.
type Expiries struct {
	table
}

var _ realtime.ExpiryStore = (*Expiries)(nil)

// NewExpiries returns the token expiries in the table with that name. The clock now
// decides what has expired.
func NewExpiries(api API, name string, now func() time.Time) *Expiries {
	return &Expiries{table{api: api, name: name, now: now}}
}

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
func (c *Expiries) Renew(ctx context.Context, connectionID string, id session.Identity) (members.Connection, error) {
	if err := c.AddExpiry(ctx, session.TokenExpiry{ConnectionID: connectionID, ExpiresAt: id.TokenExpiresAt}); err != nil {
		return members.Connection{}, err
	}
	grant := grantItem(id.Permissions, id.TokenExpiresAt)
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
		err = members.ErrUnknownConnection
	}
	if err != nil {
		return members.Connection{}, fmt.Errorf("renew connection %s: %w", connectionID, err)
	}
	return item(out.Attributes).connection(), nil
}

// NoteEnding implements [realtime.Connections].
func (c *Expiries) AddExpiry(ctx context.Context, e session.TokenExpiry) error {
	_, err := c.api.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.name, Item: endingItem(e.ConnectionID, e.ExpiresAt)})
	if err != nil {
		return fmt.Errorf("note when the token of connection %s ends: %w", e.ConnectionID, err)
	}
	return nil
}

// Endings implements [realtime.Connections].
func (c *Expiries) ListExpiries(ctx context.Context, minute time.Time) ([]session.TokenExpiry, error) {
	var endings []session.TokenExpiry
	for n := range endingParts {
		items, err := c.query(ctx, part{pk: endingPK(minute, n), attrs: []string{attrConnectionID, attrEndsAt}})
		if err != nil {
			return nil, fmt.Errorf("query part %d of the tokens that end in minute %d: %w", n, minute.Unix()/60, err)
		}
		for _, i := range items {
			endings = append(endings, session.TokenExpiry{ConnectionID: i.text(attrConnectionID), ExpiresAt: i.seconds(attrEndsAt)})
		}
	}
	return endings, nil
}

// DropEnding implements [realtime.Connections].
func (c *Expiries) DropExpiry(ctx context.Context, e session.TokenExpiry) error {
	_, err := c.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &c.name, Key: endingKey(e.ConnectionID, e.ExpiresAt)})
	if err != nil {
		return fmt.Errorf("drop the ending of connection %s: %w", e.ConnectionID, err)
	}
	return nil
}
