package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Inboxes keeps the inboxes of users in the table of messages.
type Inboxes struct {
	table
}

var _ inbox.Store = (*Inboxes)(nil)

// NewInboxes returns the inboxes in the table with that name. The clock now decides what has
// expired. The ids of notifications must be ULIDs.
func NewInboxes(api API, name string, now func() time.Time) *Inboxes {
	return &Inboxes{table{api: api, name: name, now: now}}
}

// Add implements [inbox.Store].
func (b *Inboxes) Add(ctx context.Context, userID string, n inbox.Notification) (int64, error) {
	_, err := b.putNew(ctx, notificationKey(userID, n.ID).with(notificationItem(n)), 0)
	if err != nil {
		return 0, fmt.Errorf("store notification %s for user %q: %w", n.ID, userID, err)
	}
	// The count comes after what it counts: a Trim between the two then counts one too
	// many, and never one too few.
	out, err := b.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &b.name,
		Key:                       stateKey(userID),
		UpdateExpression:          aws.String("SET #ttl = :ttl ADD #count :one"),
		ExpressionAttributeNames:  names(attrTTL, attrCount),
		ExpressionAttributeValues: item{":ttl": number(n.ExpiresAt.Unix()), ":one": number(1)},
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, fmt.Errorf("count notification %s for user %q: %w", n.ID, userID, err)
	}
	return item(out.Attributes).number(attrCount), nil
}

// List implements [inbox.Store].
func (b *Inboxes) List(ctx context.Context, userID, since string, limit int) ([]inbox.Notification, error) {
	after := since + "\x00" // the first string that sorts after it
	items, err := b.query(ctx, part{
		pk: inboxPK(userID), from: after, to: endOfIDs, limit: limit, having: attrNotification,
	})
	if err != nil {
		return nil, fmt.Errorf("query the inbox of user %q: %w", userID, err)
	}
	var notes []inbox.Notification
	for _, i := range items {
		notes = append(notes, i.notification())
	}
	return notes, nil
}

// Has implements [inbox.Store].
func (b *Inboxes) Has(ctx context.Context, userID, id string) (bool, error) {
	if !isID(id) {
		return false, nil
	}
	i, err := b.get(ctx, notificationKey(userID, id), true)
	if err != nil {
		return false, fmt.Errorf("look for notification %q of user %q: %w", id, userID, err)
	}
	_, waits := i[attrNotification]
	return waits && !i.expired(b.now()), nil
}

// Acknowledge implements [inbox.Store]. It leaves an empty item for as long as a
// copy of the notification may still come: an Add that finds the item does not bring the
// notification back. DynamoDB deletes the item by its ttl, at no cost.
func (b *Inboxes) Acknowledge(ctx context.Context, userID, id string) error {
	err := inbox.ErrUnknownNotification
	if isID(id) {
		_, err = b.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName:                &b.name,
			Key:                      notificationKey(userID, id),
			UpdateExpression:         aws.String("SET #ttl = :end REMOVE #from, #service, #notification, #timestamp"),
			ConditionExpression:      aws.String("#ttl > :now AND attribute_exists(#notification)"),
			ExpressionAttributeNames: names(attrTTL, attrFrom, attrService, attrNotification, attrTimestamp),
			ExpressionAttributeValues: item{
				":now": number(b.now().Unix()),
				":end": number(b.now().Add(2 * sends.Window).Unix()),
			},
		})
	}
	if conditionFailed(err) {
		err = inbox.ErrUnknownNotification
	}
	if err != nil {
		return fmt.Errorf("acknowledge notification %q of user %q: %w", id, userID, err)
	}
	return nil
}
