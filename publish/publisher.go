package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/settings"
)

// required are the environment variables that a publisher needs.
var required = []string{settings.ConnectionTable, settings.MessageTable, settings.CallbackURL, settings.BroadcastQueueURL}

// Config describes the ChatApi to publish to. Its stack outputs have the values.
type Config struct {
	// ConnectionTable is the name of the table of connections. Required.
	ConnectionTable string
	// MessageTable is the name of the table of messages. Required.
	MessageTable string
	// CallbackURL is the https URL of the API's stage, such as
	// https://abc123.execute-api.eu-west-1.amazonaws.com/prod. Required.
	CallbackURL string
	// BroadcastQueueURL is the URL of the FIFO queue of delivery jobs. Required.
	BroadcastQueueURL string
	// DirectLimit is the number of members up to which ToRoom itself posts a
	// message to all members. Larger rooms get it through the queue.
	// Default: 100.
	DirectLimit int
	// MessageRetention is how long a message stays in the log of its room. It
	// should be that of the ChatApi.
	// Default: 7 days.
	MessageRetention time.Duration
	// NotificationRetention is how long a notification stays in an inbox. It
	// should be that of the ChatApi.
	// Default: 30 days.
	NotificationRetention time.Duration
	// InboxLimit is how many notifications an inbox keeps. It should be that of
	// the ChatApi.
	// Default: 100.
	InboxLimit int
	// AWS has the Region and the credentials.
	// Default: those of the environment, as in every AWS SDK.
	AWS *aws.Config
	// Logger logs the connections that could not be reached. What is sent is
	// never logged.
	// Default: slog.Default.
	Logger *slog.Logger
}

// Publisher sends messages and notifications. Any number of goroutines may use
// it. Make one for the whole process: it keeps its network connections.
type Publisher struct {
	core *realtime.App
}

// FromEnv returns a publisher for the ChatApi that the environment variables of
// ChatApi.PublishEnvironment describe. The error names a variable that is
// missing.
func FromEnv(ctx context.Context) (*Publisher, error) {
	return fromEnv(ctx, os.Getenv)
}

func fromEnv(ctx context.Context, getenv func(string) string) (*Publisher, error) {
	c, err := backend.FromEnv(getenv, required...)
	if _, ok := errors.AsType[*backend.MissingError](err); ok {
		return nil, fmt.Errorf("publish: %w: set the variables of ChatApi.PublishEnvironment, or add the function by ChatApi.AddPublisher", err)
	}
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return New(ctx, Config{
		ConnectionTable: c.ConnectionTable, MessageTable: c.MessageTable,
		CallbackURL: c.CallbackURL, BroadcastQueueURL: c.BroadcastQueueURL,
		DirectLimit: c.DirectLimit, MessageRetention: c.MessageRetention,
		NotificationRetention: c.NotificationRetention, InboxLimit: c.InboxLimit,
	})
}

// New returns a publisher for the ChatApi that c describes. It makes no call to
// AWS. The error names a field of c that is missing or negative, or says why the
// AWS configuration of the environment cannot be read.
func New(ctx context.Context, c Config) (*Publisher, error) {
	for _, field := range []struct{ name, value string }{
		{"ConnectionTable", c.ConnectionTable}, {"MessageTable", c.MessageTable},
		{"CallbackURL", c.CallbackURL}, {"BroadcastQueueURL", c.BroadcastQueueURL},
	} {
		if field.value == "" {
			return nil, fmt.Errorf("publish: missing Config.%s: set it to the value in the stack outputs", field.name)
		}
	}
	for _, limit := range []struct {
		name  string
		value int64
		shown any
	}{
		{"DirectLimit", int64(c.DirectLimit), c.DirectLimit},
		{"MessageRetention", int64(c.MessageRetention), c.MessageRetention},
		{"NotificationRetention", int64(c.NotificationRetention), c.NotificationRetention},
		{"InboxLimit", int64(c.InboxLimit), c.InboxLimit},
	} {
		if limit.value < 0 {
			return nil, fmt.Errorf("publish: invalid Config.%s %v: expected 0 or more; leave it out for the default", limit.name, limit.shown)
		}
	}
	cfg := c.AWS
	if cfg == nil {
		loaded, err := backend.LoadAWS(ctx)
		if err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
		cfg = &loaded
	}
	core, _ := backend.New(*cfg, backend.Config{
		ConnectionTable: c.ConnectionTable, MessageTable: c.MessageTable,
		CallbackURL: c.CallbackURL, BroadcastQueueURL: c.BroadcastQueueURL,
		DirectLimit: c.DirectLimit, MessageRetention: c.MessageRetention,
		NotificationRetention: c.NotificationRetention, InboxLimit: c.InboxLimit,
	}, c.Logger)
	return &Publisher{core: core}, nil
}
