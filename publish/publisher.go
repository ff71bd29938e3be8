package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/realtime"
)

// allParts are the parts that a publisher has.
const allParts = backend.Connections | backend.Log | backend.Poster | backend.Queue

// Config says where a Roomcast stack is. The stack's outputs have the values.
type Config struct {
	// ConnectionTable is the name of the table of connections. Required.
	ConnectionTable string
	// MessageTable is the name of the table of messages. Required.
	MessageTable string
	// CallbackURL is the URL of the stage, under which @connections lies, such
	// as https://abc123.execute-api.eu-west-1.amazonaws.com/prod. Required.
	CallbackURL string
	// BroadcastQueueURL is the URL of the FIFO queue for large rooms. Required.
	BroadcastQueueURL string
	// DirectLimit is the number of members up to which a message to a room is
	// posted to them before ToRoom returns; a larger room gets it through the
	// queue. Default: 100.
	DirectLimit int
	// AWS has the region and credentials to use. Default: the environment's,
	// as for every AWS SDK.
	AWS *aws.Config
	// Logger hears about members who could not be reached. It is never given
	// what is sent. Default: slog's default logger.
	Logger *slog.Logger
}

// Publisher sends messages and notifications. It may be used by any number of
// goroutines, and should be made once: it keeps its network connections.
type Publisher struct {
	service *realtime.Service
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
		return nil, fmt.Errorf("publish: %w: grant the function with ChatApi.GrantPublish", err)
	}
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return New(ctx, Config{
		ConnectionTable: c.ConnectionTable, MessageTable: c.MessageTable,
		CallbackURL: c.CallbackURL, BroadcastQueueURL: c.BroadcastQueueURL,
		DirectLimit: c.DirectLimit,
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
	if c.DirectLimit < 0 {
		return nil, fmt.Errorf("publish: Config.DirectLimit must not be negative, got %d", c.DirectLimit)
	}
	cfg := c.AWS
	if cfg == nil {
		loaded, err := backend.LoadAWS(ctx)
		if err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
		cfg = &loaded
	}
	return &Publisher{service: backend.New(*cfg, backend.Config{
		ConnectionTable: c.ConnectionTable, MessageTable: c.MessageTable,
		CallbackURL: c.CallbackURL, BroadcastQueueURL: c.BroadcastQueueURL,
		DirectLimit: c.DirectLimit,
	}, c.Logger)}, nil
}
