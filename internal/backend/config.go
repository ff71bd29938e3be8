package backend

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/settings"
)

// Config says where the tables, queues and sockets of the core are, and how it is set
// up. What has an empty name or URL is not made.
type Config struct {
	// ConnectionTable is the name of the table of connections.
	ConnectionTable string
	// MessageTable is the name of the table of messages.
	MessageTable string
	// CallbackURL is the stage's https URL, the base of @connections.
	CallbackURL string
	// BroadcastQueueURL is the URL of the FIFO queue of broadcast jobs.
	BroadcastQueueURL string
	// CursorQueueURL is the URL of the FIFO queue of cursor moves.
	CursorQueueURL string
	// Auth says who identifies clients: settings.OpenAuth or settings.TokenAuth.
	Auth string
	// DirectLimit is the number of members up to which a room is posted to directly.
	// Default: delivery.DefaultDirectLimit.
	DirectLimit int
	// ShardSize is about how many members share a shard of a room. Default:
	// shard.DefaultSize.
	ShardSize int
	// MessageRetention is how long a message stays in its room's log, and MessageHistory
	// is how many of the newest can be read again. Default: roomlog.DefaultRetention.
	MessageRetention time.Duration
	MessageHistory   int64
	// NotificationRetention is how long a notification waits in an inbox. Default:
	// inbox.DefaultRetention.
	NotificationRetention time.Duration
	// InboxLimit is how many notifications an inbox keeps. Default: inbox.DefaultLimit.
	InboxLimit int
	// MaxReceiveCount is how often a broadcast job is tried before it goes to
	// the dead-letter queue. Default: unknown.
	MaxReceiveCount int
	// PostsInFlight is how many posts of queued jobs are in flight at the same time.
	// Default: delivery.DefaultPostsInFlight.
	PostsInFlight int
	// Limits are the limits of the deployment. Default: see limits.Limits.
	Limits limits.Limits
}

// MissingError is returned when an environment variable is not set.
type MissingError struct {
	// Variable is its name.
	Variable string
}

// Error implements error.
func (e *MissingError) Error() string {
	return fmt.Sprintf("the environment variable %s is not set", e.Variable)
}

// FromEnv reads a configuration by getenv. Of the variables that say where something is,
// and of settings.Auth, it reads just those that required names. The error is a
// [*MissingError] for the first of them that is not set.
func FromEnv(getenv func(string) string, required ...string) (Config, error) {
	var c Config
	for _, v := range []struct {
		name string
		into *string
	}{
		{settings.ConnectionTable, &c.ConnectionTable},
		{settings.MessageTable, &c.MessageTable},
		{settings.CallbackURL, &c.CallbackURL},
		{settings.BroadcastQueueURL, &c.BroadcastQueueURL},
		{settings.CursorQueueURL, &c.CursorQueueURL},
		{settings.Auth, &c.Auth},
	} {
		if !slices.Contains(required, v.name) {
			continue
		}
		if *v.into = getenv(v.name); *v.into == "" {
			return Config{}, &MissingError{Variable: v.name}
		}
	}
	if c.Auth != "" && c.Auth != settings.OpenAuth && c.Auth != settings.TokenAuth {
		return Config{}, fmt.Errorf("the environment variable %s must be %s or %s, got %q", settings.Auth, settings.OpenAuth, settings.TokenAuth, c.Auth)
	}
	for _, v := range []struct {
		name string
		set  func(n int64)
	}{
		{settings.DirectLimit, func(n int64) { c.DirectLimit = int(n) }},
		{settings.ShardSize, func(n int64) { c.ShardSize = int(n) }},
		{settings.MessageRetention, func(n int64) { c.MessageRetention = time.Duration(n) * time.Second }},
		{settings.MessageHistory, func(n int64) { c.MessageHistory = n }},
		{settings.NotificationRetention, func(n int64) { c.NotificationRetention = time.Duration(n) * time.Second }},
		{settings.InboxLimit, func(n int64) { c.InboxLimit = int(n) }},
		{settings.MaxReceiveCount, func(n int64) { c.MaxReceiveCount = int(n) }},
		{settings.PostsInFlight, func(n int64) { c.PostsInFlight = int(n) }},
	} {
		n, set, err := whole(getenv, v.name, 1, math.MaxInt32) // more than ten years of seconds
		if err != nil {
			return Config{}, err
		}
		if set {
			v.set(n)
		}
	}
	limits, err := limitsFromEnv(getenv)
	if err != nil {
		return Config{}, err
	}
	c.Limits = limits
	return c, nil
}
