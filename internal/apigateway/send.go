package apigateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// do makes a call and returns what its answer means. It sends the request at most
// three times: a second time if a kept socket was closed, and once more if the clock
// was wrong.
func (p *Poster) do(ctx context.Context, c call) error {
	switch {
	case p.invalid != nil:
		return p.invalid
	case c.connectionID == "":
		return fmt.Errorf("%w: the connection id is empty", delivery.ErrRefused)
	}
	deadline, cause := time.Now().Add(postTimeout), os.ErrDeadlineExceeded
	if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
		deadline, cause = end, context.DeadlineExceeded
	}
	x := exchanges.Get().(*exchange)
	defer x.release()
	var fresh, corrected bool
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		kept, err := p.try(ctx, deadline, x, c, fresh)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("no answer in time: %w: %w", cause, err)
		case kept && (errors.Is(err, errNoAnswer) || err == nil && x.answer.status == http.StatusRequestTimeout):
			// A load balancer may answer 408 on an idle socket that it closes.
			fresh = true
		case err != nil:
			return err
		case !corrected && p.signer.correctClock(x, p.now()):
			corrected = true
		default:
			return x.meaning(c)
		}
	}
}

// try sends the request once and reads the answer. kept reports whether it used a
// socket from an earlier call.
func (p *Poster) try(ctx context.Context, deadline time.Time, x *exchange, c call, fresh bool) (kept bool, err error) {
	if err := p.prepare(ctx, deadline, x); err != nil {
		return false, err
	}
	s, err := p.sockets.take(ctx, deadline, fresh)
	if err != nil {
		return false, err
	}
	x.write(p.stage, c)
	kept = s.used
	reusable, err := x.over(s.conn, deadline)
	if reusable {
		p.sockets.keep(s)
	} else {
		s.drop()
	}
	return kept, err
}

// prepare sets the time and the key with which the exchange's request is signed.
func (p *Poster) prepare(ctx context.Context, deadline time.Time, x *exchange) error {
	if p.signer.mustFetch() {
		// Not on every call: a context with a deadline costs more than a signature.
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	credentials, err := p.signer.credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("get AWS credentials: %w", err)
	}
	x.skew = p.signer.skew()
	x.at = p.now().Add(x.skew).UTC()
	x.key, err = p.signer.key(credentials, x.at)
	return err
}
