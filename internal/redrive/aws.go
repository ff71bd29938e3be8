package redrive

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/oklog/ulid/v2"

	"github.com/roomcast/roomcast/internal/apigateway"
	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/dynamo"
	"github.com/roomcast/roomcast/internal/queue"
)

// Connect returns a redriver for the stack at t. It makes no call to AWS.
func Connect(ctx context.Context, t Target) (*Redriver, error) {
	cfg, err := t.load(ctx)
	if err != nil {
		return nil, err
	}
	tables, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	return &Redriver{
		DeadLetters: queue.NewDeadLetters(queues, t.DeadLetterQueueURL),
		Connections: dynamo.NewConnections(tables, t.ConnectionTable, time.Now),
		Inboxes:     dynamo.NewInboxes(tables, t.MessageTable, time.Now),
		Poster:      apigateway.NewPoster(cfg, t.CallbackURL),
		Queue:       queue.New(queues, t.BroadcastQueueURL),
		Now:         time.Now,
		NewID:       func() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() },
	}, nil
}

// load returns how to reach AWS: as the target's environment says, if it has
// one, or as that of this process does.
func (t Target) load(ctx context.Context) (aws.Config, error) {
	if e := t.Environment; e != nil {
		return aws.Config{
			Region:       e["AWS_REGION"],
			BaseEndpoint: aws.String(e["AWS_ENDPOINT_URL"]),
			Credentials:  credentials.NewStaticCredentialsProvider(e["AWS_ACCESS_KEY_ID"], e["AWS_SECRET_ACCESS_KEY"], e["AWS_SESSION_TOKEN"]),
		}, nil
	}
	cfg, err := backend.LoadAWS(ctx)
	if err == nil && cfg.Region == "" {
		err = errors.New("no AWS region is set: set AWS_REGION to that of the stack")
	}
	return cfg, err
}
