package apigateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// postTimeout limits one call, including a new socket, credentials and a second
// try. API Gateway answers in about 10 ms. A post that takes longer than this is
// lost, and a retry is better than waiting for it.
const postTimeout = 2 * time.Second

// Poster implements [delivery.Poster] and [session.Closer] on the @connections API of one stage. Its
// methods may be called from any goroutine. It needs no closing: the other side
// closes sockets that nobody uses.
//
// A call ends after 2 s, or at its context's deadline if that is earlier. Cancelling
// the context ends a call whose request has not been sent. After it was sent, the
// call still waits for the answer.
//
// A request is sent a second time if its socket was kept from an earlier call and
// closes before the first byte of the answer. AWS closes sockets that were idle for
// a minute, and Lambda freezes functions for longer. The first request may have
// arrived, so a connection can get a frame twice. That is allowed: delivery is at
// least once, and clients drop a message with a seq that they already have.
//
// Proxies, such as HTTPS_PROXY, are not used: a Lambda function has none. Redirects
// are not followed but returned as errors.
type Poster struct {
	stage   stage
	signer  signer
	sockets sockets
	now     func() time.Time // the clock for signatures
	invalid error            // why no call can work; nil if it can
}

var (
	_ delivery.Poster = (*Poster)(nil)
	_ session.Closer  = (*Poster)(nil)
)

// NewPoster returns a poster for the stage with this callback URL, such as
// https://abc123.execute-api.eu-west-1.amazonaws.com/prod or the URL of a custom
// domain. It uses cfg's region, credentials and the TLS settings of cfg's HTTP
// client, such as the roots from AWS_CA_BUNDLE. If the callback URL or cfg is
// invalid, every call returns an error that says so.
func NewPoster(cfg aws.Config, callbackURL string) *Poster {
	p := &Poster{now: time.Now, signer: signer{region: cfg.Region, credentials: cfg.Credentials}}
	p.stage, p.invalid = parseStage(callbackURL)
	switch {
	case p.invalid != nil:
	case cfg.Region == "":
		p.invalid = errors.New("no AWS region is set")
	case cfg.Credentials == nil:
		p.invalid = errors.New("no AWS credentials are set")
	}
	p.sockets.dial = newDialer(cfg.HTTPClient, p.stage)
	return p
}

// Post implements [delivery.Sender].
func (p *Poster) Post(ctx context.Context, connectionID string, frame delivery.Payload) error {
	if err := p.do(ctx, call{http.MethodPost, connectionID, frame}); err != nil {
		return fmt.Errorf("post to connection %s: %w", connectionID, err)
	}
	return nil
}

// noFrame is the payload of a request without a body.
var noFrame = delivery.NewPayload(nil)

// Confirm implements [delivery.Poster].
func (p *Poster) Confirm(ctx context.Context, connectionID string) error {
	if err := p.do(ctx, call{http.MethodGet, connectionID, noFrame}); err != nil {
		return fmt.Errorf("confirm connection %s: %w", connectionID, err)
	}
	return nil
}

// Close implements [session.Closer].
func (p *Poster) Close(ctx context.Context, connectionID string) error {
	if err := p.do(ctx, call{http.MethodDelete, connectionID, noFrame}); err != nil {
		return fmt.Errorf("close connection %s: %w", connectionID, err)
	}
	return nil
}

// call is a call of the @connections API.
type call struct {
	method       string
	connectionID string
	frame        delivery.Payload
}
