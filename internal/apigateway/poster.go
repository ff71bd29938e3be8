package apigateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/roomcast/roomcast/internal/realtime"
)

// postTimeout ends one post or look, with all it takes: a new socket,
// credentials, a second try. API Gateway answers in some 10 ms; a post that
// takes longer than this is lost, and is better tried again than waited for.
const postTimeout = 2 * time.Second

// Poster implements [realtime.Poster] on the @connections API of one stage.
// Its methods may be called from any goroutine, and need no closing: sockets
// that nobody uses are closed by the other side.
//
// A post ends after 2 s or at its context's deadline, if that is earlier. A
// context that is cancelled before its deadline ends a post that has not been
// sent yet. Once it is sent, the answer is waited for all the same.
//
// A request is sent again, once, if the socket that had been kept for it turns
// out to be closed before a byte of the answer came. AWS closes sockets that
// were idle for a minute, and Lambda freezes functions for longer. It can
// happen that the first request had arrived: then the connection gets the
// frame twice. That is allowed. Delivery is at least once anyhow, and clients
// drop a message whose seq they have had.
//
// Proxies, such as HTTPS_PROXY, are not used. A Lambda function has none.
// Redirects are not followed: they are errors.
type Poster struct {
	stage   stage
	signer  signer
	sockets sockets
	now     func() time.Time // the clock that signatures are made by
	invalid error            // why no post can work, nil if it can
}

var _ realtime.Poster = (*Poster)(nil)

// NewPoster returns a poster for the stage with a callback URL such as
// https://abc123.execute-api.eu-west-1.amazonaws.com/prod, or that of a custom
// domain. Region and credentials are cfg's. Of its HTTP client only the TLS
// settings are used, such as the roots from AWS_CA_BUNDLE. With a callback URL
// or a cfg that cannot work, every post returns an error that says so.
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

// Post implements [realtime.Poster].
func (p *Poster) Post(ctx context.Context, connectionID string, frame realtime.Payload) error {
	if err := p.do(ctx, call{http.MethodPost, connectionID, frame}); err != nil {
		return fmt.Errorf("post to connection %s: %w", connectionID, err)
	}
	return nil
}

// noFrame is what is signed of a request without a body.
var noFrame = realtime.NewPayload(nil)

// Confirm implements [realtime.Poster].
func (p *Poster) Confirm(ctx context.Context, connectionID string) error {
	if err := p.do(ctx, call{http.MethodGet, connectionID, noFrame}); err != nil {
		return fmt.Errorf("look for connection %s: %w", connectionID, err)
	}
	return nil
}

// Close implements [realtime.Poster].
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
	frame        realtime.Payload
}
