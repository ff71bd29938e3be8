package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// trimBatch is the maximum number of notifications that are dropped at a time: their ids
	// are in the state for that time, 27 bytes each.
	trimBatch = 100
	// trimTries limits how often a batch starts again because another Trim came in between.
	trimTries = 20
	// trimBackoff limits the random wait before it does.
	trimBackoff = 50 * time.Millisecond
)

var errContended = errors.New("others keep trimming it: try again later")

// Trim implements [inbox.Store]. It reads the whole inbox, because the senders are
// stored nowhere else: a list of them would make every Add write more.
//
// A dropped notification is counted once, even if several calls trim at the same time or
// one crashes halfway. One write counts the dropped notifications and names them, then
// they are deleted, then the names are. A Trim that finds names deletes what they name. A
// notification that is acknowledged while it is dropped may still be counted.
func (b *Inboxes) Trim(ctx context.Context, userID string, keep int) error {
	for tries := 0; tries < trimTries; {
		more, err := b.trimSome(ctx, userID, keep)
		if conditionFailed(err) {
			tries++
			err = retry.Sleep(ctx, retry.FullJitter(trimBackoff, trimBackoff, 0))
			more = true
		}
		if err != nil {
			return fmt.Errorf("trim the inbox of user %q to %d: %w", userID, keep, err)
		}
		if !more {
			return nil
		}
	}
	return fmt.Errorf("trim the inbox of user %q to %d: %w", userID, keep, errContended)
}

// trimSome drops up to one batch, and reports whether there is more to drop. Its error
// is a failed condition if another Trim came in between.
func (b *Inboxes) trimSome(ctx context.Context, userID string, keep int) (more bool, err error) {
	state, err := b.get(ctx, stateKey(userID), true)
	if err != nil {
		return false, err
	}
	items, err := b.query(ctx, part{
		pk: inboxPK(userID), from: firstID, to: endOfIDs, having: attrNotification,
		attrs: []string{attrSK, attrTTL, attrFrom, attrService},
	})
	if err != nil {
		return false, err
	}
	// Notifications that another Trim named are counted already.
	named := state.textSet(attrTrimming)
	if err := b.delete(ctx, userID, named); err != nil {
		return false, err
	}
	items = slices.DeleteFunc(items, func(i item) bool { return slices.Contains(named, i.text(attrSK)) })

	notes := make([]inbox.Notification, len(items))
	for n, i := range items {
		notes[n] = i.notification()
	}
	surplus := inbox.Surplus(notes, keep)
	c := count{state: state, dropped: surplus[:min(len(surplus), trimBatch)]}
	c.left = int64(len(items) - len(c.dropped))
	if len(items) > 0 {
		c.ttl = items[len(items)-1].number(attrTTL)
	}
	if len(c.dropped) == 0 && len(named) == 0 && c.left == state.number(attrCount) {
		return false, nil
	}
	if err := b.store(ctx, userID, c); err != nil || len(c.dropped) == 0 {
		return false, err
	}
	if err := b.delete(ctx, userID, c.dropped); err != nil {
		return false, err
	}
	return len(c.dropped) < len(surplus), b.forgetNames(ctx, userID, state.number(attrTrims)+1)
}

// count is what a Trim stores in the state of an inbox.
type count struct {
	// state is the state before, nil for the first.
	state item
	// dropped are the ids of the dropped notifications.
	dropped []string
	// left is how many notifications stay.
	left int64
	// ttl is the state's if it has none: it may not end before what it counts.
	ttl int64
}

// store counts and names the dropped notifications, unless another Trim stored a count
// since the state was read. Others may add notifications at the same time: so it changes
// the count by the difference.
func (b *Inboxes) store(ctx context.Context, userID string, c count) error {
	trims := c.state.number(attrTrims)
	update := &dynamodb.UpdateItemInput{
		TableName:                &b.name,
		Key:                      stateKey(userID),
		ConditionExpression:      aws.String("attribute_not_exists(#trims)"),
		ExpressionAttributeNames: names(attrTTL, attrTrimming, attrCount, attrDropped, attrTrims),
		ExpressionAttributeValues: item{
			":ttl":     number(c.ttl),
			":count":   number(c.left - c.state.number(attrCount)),
			":dropped": number(int64(len(c.dropped))),
			":one":     number(1),
		},
	}
	if trims > 0 {
		update.ConditionExpression = aws.String("#trims = :trims")
		update.ExpressionAttributeValues[":trims"] = number(trims)
	}
	change := "SET #ttl = if_not_exists(#ttl, :ttl) REMOVE #trimming"
	if len(c.dropped) > 0 { // DynamoDB has no empty set
		change = "SET #ttl = if_not_exists(#ttl, :ttl), #trimming = :trimming"
		update.ExpressionAttributeValues[":trimming"] = textSet(c.dropped...)
	}
	update.UpdateExpression = aws.String(change + " ADD #count :count, #dropped :dropped, #trims :one")
	_, err := b.api.UpdateItem(ctx, update)
	return err
}

// forgetNames removes the names of deleted notifications, unless another Trim has stored
// its own since.
func (b *Inboxes) forgetNames(ctx context.Context, userID string, trims int64) error {
	_, err := b.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &b.name,
		Key:                       stateKey(userID),
		UpdateExpression:          aws.String("REMOVE #trimming"),
		ConditionExpression:       aws.String("#trims = :trims"),
		ExpressionAttributeNames:  names(attrTrimming, attrTrims),
		ExpressionAttributeValues: item{":trims": number(trims)},
	})
	if conditionFailed(err) {
		return nil
	}
	return err
}

// delete deletes the notifications with these ids.
func (b *Inboxes) delete(ctx context.Context, userID string, ids []string) error {
	var keys []item
	for _, id := range ids {
		keys = append(keys, notificationKey(userID, id))
	}
	return b.write(ctx, deletes(keys))
}
