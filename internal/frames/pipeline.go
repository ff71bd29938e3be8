package frames

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// retryAfter is how long a client waits before it sends a frame again that the
// server could not answer. Throttled tables and failed calls mostly recover within
// it.
const retryAfter = time.Second

// Rate names the limit that the frames of an action count against.
type Rate int

// The rates.
const (
	// FrameRate is shared by all frames but those below.
	FrameRate Rate = iota
	// CursorRate is for the moves of cursors.
	CursorRate
	// Unlimited is for events that do no work, or that are no frames.
	Unlimited
)

// Options configure a [Pipeline].
type Options struct {
	// FrameRate is how many frames a second of one connection are answered, and
	// twice as many at once. Negative is no limit. Default: 100.
	FrameRate int
	// CursorRate is the same for the moves of cursors. Default: 30.
	CursorRate int
	// Logger gets the errors that are not for the client. It never gets what users
	// write. Default: slog's default logger.
	Logger *slog.Logger
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Pipeline answers frames. It may be used by any number of goroutines.
type Pipeline struct {
	rates  map[Rate]*buckets
	logger *slog.Logger
	now    func() time.Time
}

// New returns a pipeline that has seen no frame yet.
func New(o Options) *Pipeline {
	p := &Pipeline{
		rates: map[Rate]*buckets{
			FrameRate:  newBuckets(cmp.Or(o.FrameRate, 100)),
			CursorRate: newBuckets(cmp.Or(o.CursorRate, 30)),
		},
		logger: o.Logger, now: o.Now,
	}
	if p.logger == nil {
		p.logger = slog.Default()
	}
	if p.now == nil {
		p.now = time.Now
	}
	return p
}

// Frame is a frame from a client.
type Frame struct {
	// Action is the route key, for the log: the frame's action or $default.
	Action string
	// ConnectionID is the connection that it came by.
	ConnectionID string
	Body         []byte
	// ReceivedAt is when API Gateway got it. Default: now.
	ReceivedAt time.Time
}

// Checks are what has to hold for the frames of an action.
type Checks struct {
	// Rate is the limit that they count against.
	Rate Rate
	// Needs are the permissions that the connection needs for the room or the user
	// that a frame is about. The action checks them, see [Call.Needs].
	Needs []permission.Action
}

// Answer returns the frame that answers f, nil for none.
func (p *Pipeline) Answer(ctx context.Context, f Frame, checks Checks, h Handler) protocol.Frame {
	c := &Call{
		Action: f.Action, ConnectionID: f.ConnectionID, ReceivedAt: f.ReceivedAt,
		body: f.Body, rate: p.rates[checks.Rate], now: p.now, needs: checks.Needs,
	}
	if c.ReceivedAt.IsZero() {
		c.ReceivedAt = p.now()
	}
	answer, err := h.answer(ctx, c)
	if err == nil && len(c.needs) > 0 && !c.checked {
		err = fmt.Errorf("the action did not check that the token permits to %s", c.needs[0])
	}
	if err != nil {
		e := Explain(ctx, p.logger, c.Action, c.ConnectionID, err)
		e.ClientID = cmp.Or(e.ClientID, c.clientID)
		return e.Frame()
	}
	if answer == nil {
		return nil
	}
	return answer.Echo(c.clientID)
}

// Explain turns any error into one for the client. An error that is not for the
// client is logged, and the client is asked to try again.
func Explain(ctx context.Context, logger *slog.Logger, action, connectionID string, err error) protocol.Error {
	if e, ok := errors.AsType[*protocol.Error](err); ok {
		return *e
	}
	logger.ErrorContext(ctx, "request failed", "action", action, "connectionId", connectionID, "error", err)
	return protocol.Error{
		Code:       protocol.CodeUnavailable,
		Message:    "the server could not do this now, send it again",
		RetryAfter: retryAfter,
	}
}
