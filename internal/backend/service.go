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
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// LoadAWS reads the Region, credentials and endpoints of AWS from the environment, as
// every AWS SDK does.
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

// New returns the core with the ports that are configured, and what postpones jobs of
// its queue, nil without one. Tables and queues are called as [Tuned] says.
func New(cfg aws.Config, c Config, logger *slog.Logger) (*realtime.App, Postpone) {
	posts := cfg // with its HTTP client, of which the poster takes the trusted roots
	cfg = Tuned(cfg)
	var p realtime.Ports
	if c.ConnectionTable != "" || c.MessageTable != "" {
		tables := dynamodb.NewFromConfig(cfg)
		if c.ConnectionTable != "" {
			p.Connections = dynamo.NewConnections(tables, c.ConnectionTable, time.Now)
			p.Memberships = dynamo.NewMemberships(tables, c.ConnectionTable, time.Now)
			p.Expiries = dynamo.NewExpiries(tables, c.ConnectionTable, time.Now)
			p.Buckets = dynamo.NewBuckets(tables, c.ConnectionTable)
			p.Slots = dynamo.NewSlots(tables, c.ConnectionTable, time.Now)
		}
		if c.MessageTable != "" {
			p.Log = dynamo.NewLog(tables, c.MessageTable, time.Now)
			p.Layouts = dynamo.NewLayouts(tables, c.MessageTable)
			p.Sends = dynamo.NewSends(tables, c.MessageTable, time.Now)
			p.Inboxes = dynamo.NewInboxes(tables, c.MessageTable, time.Now)
		}
	}
	if c.CallbackURL != "" {
		p.Poster = apigateway.NewPoster(posts, c.CallbackURL)
	}
	if c.CursorQueueURL != "" {
		p.CursorQueue = queue.NewCursors(sqs.NewFromConfig(cfg), c.CursorQueueURL)
	}
	var postpone Postpone
	if c.BroadcastQueueURL != "" {
		queues := sqs.NewFromConfig(cfg)
		p.Queue = queue.New(queues, c.BroadcastQueueURL)
		postpone = func(ctx context.Context, receiptHandle string, delay time.Duration) error {
			return queue.Postpone(ctx, queues, c.BroadcastQueueURL, receiptHandle, delay)
		}
	}
	return realtime.New(p, realtime.Options{
		Retention:   roomlog.Retention{Age: c.MessageRetention, Count: c.MessageHistory},
		Inbox:       inbox.Options{Retention: c.NotificationRetention, Limit: c.InboxLimit},
		DirectLimit: c.DirectLimit, ShardSize: c.ShardSize, PostsInFlight: c.PostsInFlight,
		Limits: c.Limits, Env: base.Env{Logger: logger},
	}), postpone
}

// Pipeline returns what answers frames within the limits of c.
func (c Config) Pipeline(logger *slog.Logger) *frames.Pipeline {
	return frames.New(frames.Options{FrameRate: c.Limits.FrameRate, CursorRate: c.Limits.CursorRate, Logger: logger})
}
