package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Sends keeps sends in the table of messages.
type Sends struct {
	table
}

var _ sends.Store = (*Sends)(nil)

// NewSends returns the sends in the table with that name. The clock now decides what has
// expired.
func NewSends(api API, name string, now func() time.Time) *Sends {
	return &Sends{table{api: api, name: name, now: now}}
}

// Get implements [sends.Store].
func (s *Sends) Get(ctx context.Context, key sends.Key) (sends.Send, error) {
	i, err := s.get(ctx, sendKey(key), false)
	if err == nil && (i == nil || i.expired(s.now())) {
		err = sends.ErrUnknown
	}
	if err != nil {
		return sends.Send{}, fmt.Errorf("read send %q of user %q: %w", key.ClientID, key.UserID, err)
	}
	return i.send(), nil
}

// Claim implements [sends.Store].
func (s *Sends) Claim(ctx context.Context, key sends.Key, send sends.Send) (sends.Send, error) {
	i, err := s.putNew(ctx, sendKey(key).with(sendItem(send)), 0)
	if err != nil {
		return sends.Send{}, fmt.Errorf("claim send %q of user %q: %w", key.ClientID, key.UserID, err)
	}
	return i.send(), nil
}

// Move implements [sends.Store].
func (s *Sends) Move(ctx context.Context, key sends.Key, from int64, send sends.Send) error {
	_, err := s.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                 &s.name,
		Item:                      sendKey(key).with(sendItem(send)),
		ConditionExpression:       aws.String("#seq = :from AND #ttl > :now"),
		ExpressionAttributeNames:  names(attrSeq, attrTTL),
		ExpressionAttributeValues: item{":from": number(from), ":now": number(s.now().Unix())},
	})
	if conditionFailed(err) {
		err = sends.ErrMoved
	}
	if err != nil {
		return fmt.Errorf("move send %q of user %q from seq %d: %w", key.ClientID, key.UserID, from, err)
	}
	return nil
}
