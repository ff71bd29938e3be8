package redrive

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/oklog/ulid/v2"

	"github.com/roomcast/roomcast/internal/apigateway"
	"github.com/roomcast/roomcast/internal/dynamo"
	"github.com/roomcast/roomcast/internal/outputs"
	"github.com/roomcast/roomcast/internal/queue"
)

// Connect returns a redriver for the stack at t. It makes no call to AWS.
func Connect(ctx context.Context, t Target) (*Redriver, error) {
	cfg, err := outputs.LoadAWS(ctx, t.Environment)
	if err != nil {
		return nil, err
	}
	tables, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	return &Redriver{
		DeadLetters: queue.NewDeadLetters(queues, t.DeadLetterQueueURL),
		Connections: dynamo.NewConnections(tables, t.ConnectionTable, time.Now),
		Members:     dynamo.NewMemberships(tables, t.ConnectionTable, time.Now),
		Inboxes:     dynamo.NewInboxes(tables, t.MessageTable, time.Now),
		Poster:      apigateway.NewPoster(cfg, t.CallbackURL),
		Queue:       queue.New(queues, t.BroadcastQueueURL),
		Now:         time.Now,
		NewID:       func() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() },
	}, nil
}
