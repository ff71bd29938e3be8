// Package base holds what every capability of the core shares besides its
// ports: the clock, the logger, the source of ids, and waiting.
package base

import (
	"cmp"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"
)

// ClockSkew is the largest assumed error of a function's or API Gateway's clock.
// The clocks of two functions may differ by twice as much.
const ClockSkew = 5 * time.Second

// CallConcurrency limits the calls to a table that one request makes at the
// same time. With it, a hundred calls take about as long as seven in sequence.
const CallConcurrency = 16

// Env is the environment of a capability. The zero value is not usable: see
// [Env.WithDefaults].
type Env struct {
	// Logger receives failures. It is never given what users write.
	// Default: slog's default logger.
	Logger *slog.Logger
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// NewID returns an id that no other call ever returns, in any process.
	// Default: a random ULID.
	NewID func() string
}

// WithDefaults returns the environment with every missing field set.
func (e Env) WithDefaults() Env {
	e.Logger = cmp.Or(e.Logger, slog.Default())
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.NewID == nil {
		now := e.Now
		e.NewID = func() string { return ulid.MustNew(ulid.Timestamp(now()), rand.Reader).String() }
	}
	return e
}
