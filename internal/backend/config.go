package backend

import (
	"fmt"
	"math"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/settings"
)

// Parts are the parts of a service that a function needs, as a set of bits.
type Parts uint8

// The parts.
const (
	Connections Parts = 1 << iota
	Messages
	Poster
	Queue
	CursorQueue
	// Auth is no part of a service, but who decides who a client is.
	Auth
)

// Config says where the parts of a service are. A part whose field is empty
// is not made.
type Config struct {
	// ConnectionTable is the name of the table of connections.
	ConnectionTable string
	// MessageTable is the name of the table of messages.
	MessageTable string
	// CallbackURL is the stage's https URL, under which @connections lies.
	CallbackURL string
	// BroadcastQueueURL is the URL of the FIFO queue of broadcast jobs.
	BroadcastQueueURL string
	// CursorQueueURL is the URL of the FIFO queue of cursor moves.
	CursorQueueURL string
	// Auth says who decides who a client is: settings.OpenAuth or
	// settings.TokenAuth.
	Auth string
	// DirectLimit is the number of members up to which a room is posted to at
	// once. Default: realtime.DefaultDirectLimit.
	DirectLimit int
	// ShardSize is about how many members share a shard of a room. Default:
	// realtime.DefaultShardSize.
	ShardSize int
	// MessageRetention is how long a message stays in its room's log, and
	// MessageHistory how many of the newest can be read again. Default:
	// realtime.DefaultRetention.
	MessageRetention time.Duration
	MessageHistory   int64
	// NotificationRetention is how long a notification waits in an inbox.
	// Default: realtime.DefaultInboxRetention.
	NotificationRetention time.Duration
	// InboxLimit is how many notifications an inbox keeps. Default:
	// realtime.DefaultInboxLimit.
	InboxLimit int
	// MaxReceiveCount is how often a broadcast job is tried before it goes to
	// the dead-letter queue. Default: unknown.
	MaxReceiveCount int
	// PostsInFlight is how many posts of queued jobs are under way at the same
	// time. Default: realtime.DefaultPostsInFlight.
	PostsInFlight int
	// Limits are how much of something there may be. Default: those of
	// realtime.Limits.
	Limits limits.Limits
}

// MissingError says that a function was not given an environment variable.
type MissingError struct {
	// Variable is its name.
	Variable string
}

// Error implements error.
func (e *MissingError) Error() string {
	return fmt.Sprintf("the environment variable %s is not set", e.Variable)
}

// FromEnv reads, by getenv, what the given parts need to be configured with.
// The error is a [*MissingError] for the first variable that is not set.
func FromEnv(getenv func(string) string, parts Parts) (Config, error) {
	var c Config
	for _, v := range []struct {
		part Parts
		name string
		into *string
	}{
		{Connections, settings.ConnectionTable, &c.ConnectionTable},
		{Messages, settings.MessageTable, &c.MessageTable},
		{Poster, settings.CallbackURL, &c.CallbackURL},
		{Queue, settings.BroadcastQueueURL, &c.BroadcastQueueURL},
		{CursorQueue, settings.CursorQueueURL, &c.CursorQueueURL},
		{Auth, settings.Auth, &c.Auth},
	} {
		if parts&v.part == 0 {
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
