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
	// expiryParts is how many keys the token expiries of one minute have. Each takes
	// 1,000 writes a second, so 16,000 connections and refreshes a second may have
	// tokens that end in the same minute: three times the 5,000 connections a
	// second that docs/guide/capacity.md says to ask AWS for, which leaves room for
	// keys that share a partition or get more than their share. A sweep reads all
	// of them, 96 units a minute, about $0.53 a month.
	//
	// It may be raised in place: sweeps find what was written to fewer parts. It
	// must not be lowered while a connection is open that is in a higher part.
	expiryParts = 16
	// expiryKept is how long a token expiry is kept, if nobody deletes it.
	expiryKept = 24 * time.Hour
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

// identityItem returns the permissions of a connection and when its token expires. With
// open authentication that is some 40 bytes, so it has no shorter form.
func identityItem(p permission.Permissions, tokenExpiresAt time.Time) item {
	i := item{attrPermissions: text(permissionsText(p))}
	if !tokenExpiresAt.IsZero() {
		i[attrTokenExpiresAt] = number(tokenExpiresAt.Unix())
	}
	return i
}

// permissions returns what a connection may do: nothing if that is missing or cannot be
// read.
func (i item) permissions() permission.Permissions {
	var p permission.Permissions
	if json.Unmarshal([]byte(i.text(attrPermissions)), &p) != nil {
		return permission.Permissions{}
	}
	return p
}

// expiryKey spreads the token expiries of a minute over its partitions.
func expiryKey(connectionID string, expiresAt time.Time) item {
	hash := fnv.New32a()
	hash.Write([]byte(connectionID))
	return key(expiryPK(expiresAt, int(hash.Sum32()%expiryParts)), connectionID)
}

func expiryPK(minute time.Time, part int) string {
	return fmt.Sprintf("TOKENEXPIRY#%d#%d", minute.Unix()/60, part)
}

func expiryItem(connectionID string, expiresAt time.Time) item {
	return expiryKey(connectionID, expiresAt).with(item{
		attrConnectionID:   text(connectionID),
		attrTokenExpiresAt: number(expiresAt.Unix()),
		attrTTL:            number(expiresAt.Add(expiryKept).Unix()),
	})
}

// Renew implements [session.Renewals]. The token expiry comes first: without it the
// connection would stay open after its new token has expired.
func (c *Expiries) Renew(ctx context.Context, connectionID string, id session.Identity) (members.Connection, error) {
	if err := c.AddExpiry(ctx, session.TokenExpiry{ConnectionID: connectionID, ExpiresAt: id.TokenExpiresAt}); err != nil {
		return members.Connection{}, err
	}
	identity := identityItem(id.Permissions, id.TokenExpiresAt)
	out, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &c.name,
		Key:                      connectionKey(connectionID),
		UpdateExpression:         aws.String("SET #permissions = :permissions, #tokenExpiresAt = :tokenExpiresAt"),
		ConditionExpression:      aws.String("#ttl > :now AND #userId = :userId"), // and so it exists
		ExpressionAttributeNames: names(attrPermissions, attrTokenExpiresAt, attrTTL, attrUserID),
		ExpressionAttributeValues: item{
			":permissions": identity[attrPermissions], ":tokenExpiresAt": identity[attrTokenExpiresAt],
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

// AddExpiry implements [session.Renewals].
func (c *Expiries) AddExpiry(ctx context.Context, e session.TokenExpiry) error {
	_, err := c.api.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.name, Item: expiryItem(e.ConnectionID, e.ExpiresAt)})
	if err != nil {
		return fmt.Errorf("store when the token of connection %s expires: %w", e.ConnectionID, err)
	}
	return nil
}

// ListExpiries implements [session.Expiries].
func (c *Expiries) ListExpiries(ctx context.Context, minute time.Time) ([]session.TokenExpiry, error) {
	var expiries []session.TokenExpiry
	for n := range expiryParts {
		items, err := c.query(ctx, part{pk: expiryPK(minute, n), attrs: []string{attrConnectionID, attrTokenExpiresAt}})
		if err != nil {
			return nil, fmt.Errorf("query part %d of the tokens that expire in minute %d: %w", n, minute.Unix()/60, err)
		}
		for _, i := range items {
			expiries = append(expiries, session.TokenExpiry{ConnectionID: i.text(attrConnectionID), ExpiresAt: i.seconds(attrTokenExpiresAt)})
		}
	}
	return expiries, nil
}

// DropExpiry implements [session.Expiries].
func (c *Expiries) DropExpiry(ctx context.Context, e session.TokenExpiry) error {
	_, err := c.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &c.name, Key: expiryKey(e.ConnectionID, e.ExpiresAt)})
	if err != nil {
		return fmt.Errorf("drop the token expiry of connection %s: %w", e.ConnectionID, err)
	}
	return nil
}
