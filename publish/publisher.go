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
)

// allParts are the parts that a publisher has.
const allParts = backend.Connections | backend.Messages | backend.Poster | backend.Queue

// Config says where a Roomcast stack is. The stack's outputs have the values.
type Config struct {
	// ConnectionTable is the name of the table of connections. Required.
	ConnectionTable string
	// MessageTable is the name of the table of messages. Required.
	MessageTable string
	// CallbackURL is the URL of the stage, under which @connections lies, such
	// as https://abc123.execute-api.eu-west-1.amazonaws.com/prod. Required.
	CallbackURL string
	// BroadcastQueueURL is the URL of the FIFO queue for large rooms, and for
	// connections that could not be reached at once. Required.
	BroadcastQueueURL string
	// DirectLimit is the number of members up to which a message to a room is
	// posted to them before ToRoom returns; a larger room gets it through the
	// queue. Default: 100.
	DirectLimit int
	// MessageRetention is how long a message stays in its room's log, and
	// NotificationRetention how long a notification waits in an inbox. Both
	// should be what the stack was made with. Default: 7 days and 30 days.
	MessageRetention, NotificationRetention time.Duration
	// InboxLimit is how many notifications an inbox keeps, and should be what the
	// stack was made with. What is above is dropped, the oldest of the sender
	// that has the most in it. Default: 100.
	InboxLimit int
	// AWS has the region and credentials to use. Default: the environment's,
	// as for every AWS SDK.
	AWS *aws.Config
	// Logger hears about connections that could not be reached at once. It is
	// never given what is sent. Default: slog's default logger.
	Logger *slog.Logger
}

// Publisher sends messages and notifications. It may be used by any number of
// goroutines, and should be made once: it keeps its network connections.
type Publisher struct {
	core *realtime.App
}

// FromEnv returns a publisher for the stack that this function was granted to
// publish to. The error says which environment variable is missing.
func FromEnv(ctx context.Context) (*Publisher, error) {
	return fromEnv(ctx, os.Getenv)
}

func fromEnv(ctx context.Context, getenv func(string) string) (*Publisher, error) {
	c, err := backend.FromEnv(getenv, allParts)
	var missing *backend.MissingError
	if errors.As(err, &missing) {
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

// New returns a publisher for the stack that c describes. It makes no call to
// AWS. The error says which field of c is missing, or why the environment's
// AWS configuration cannot be read.
func New(ctx context.Context, c Config) (*Publisher, error) {
	for _, required := range []struct{ name, value string }{
		{"ConnectionTable", c.ConnectionTable}, {"MessageTable", c.MessageTable},
		{"CallbackURL", c.CallbackURL}, {"BroadcastQueueURL", c.BroadcastQueueURL},
	} {
		if required.value == "" {
			return nil, fmt.Errorf("publish: Config.%s is missing", required.name)
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
			return nil, fmt.Errorf("publish: Config.%s must not be negative, got %v", limit.name, limit.shown)
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
