package backend

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/apigateway"
	"github.com/roomcast/roomcast/internal/dynamo"
	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// LoadAWS reads the region, credentials and endpoints of AWS from the
// environment, as every AWS SDK does.
func LoadAWS(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, fmt.Errorf("load the AWS configuration: %w", err)
	}
	return cfg, nil
}

// Postpone makes a broadcast job that was received come back after a delay,
// instead of after the rest of its queue's visibility timeout.
type Postpone func(ctx context.Context, receiptHandle string, delay time.Duration) error

// New returns a service with the parts that are configured, and what postpones
// jobs of the queue that is one of them, nil without it. Tables
// and queues are called as [Tuned] says.
func New(cfg aws.Config, c Config, logger *slog.Logger) (*realtime.Service, Postpone) {
	posts := cfg // with its HTTP client, of which the poster takes the trusted roots
	cfg = Tuned(cfg)
	o := realtime.Options{
		Retention:      roomlog.Retention{Age: c.MessageRetention, Count: c.MessageHistory},
		InboxRetention: c.NotificationRetention, InboxLimit: c.InboxLimit,
		DirectLimit: c.DirectLimit, ShardSize: c.ShardSize, PostsInFlight: c.PostsInFlight,
		Limits: c.Limits, Logger: logger,
	}
	if c.ConnectionTable != "" || c.MessageTable != "" {
		tables := dynamodb.NewFromConfig(cfg)
		if c.ConnectionTable != "" {
			o.Connections = dynamo.NewConnections(tables, c.ConnectionTable, time.Now)
			o.Rates = dynamo.NewRates(tables, c.ConnectionTable)
			o.Seats = dynamo.NewSeats(tables, c.ConnectionTable, time.Now)
		}
		if c.MessageTable != "" {
			o.Log = dynamo.NewLog(tables, c.MessageTable, time.Now)
			o.Sends = dynamo.NewSends(tables, c.MessageTable, time.Now)
			o.Inboxes = dynamo.NewInboxes(tables, c.MessageTable, time.Now)
		}
	}
	if c.CallbackURL != "" {
		o.Poster = apigateway.NewPoster(posts, c.CallbackURL)
	}
	if c.CursorQueueURL != "" {
		o.CursorQueue = queue.NewCursors(sqs.NewFromConfig(cfg), c.CursorQueueURL)
	}
	var postpone Postpone
	if c.BroadcastQueueURL != "" {
		queues := sqs.NewFromConfig(cfg)
		o.Queue = queue.New(queues, c.BroadcastQueueURL)
		postpone = func(ctx context.Context, receiptHandle string, delay time.Duration) error {
			return queue.Postpone(ctx, queues, c.BroadcastQueueURL, receiptHandle, delay)
		}
	}
	return realtime.New(o), postpone
}

// Pipeline returns what answers frames within the limits of c.
func (c Config) Pipeline(logger *slog.Logger) *frames.Pipeline {
	return frames.New(frames.Options{FrameRate: c.Limits.FrameRate, CursorRate: c.Limits.CursorRate, Logger: logger})
}
