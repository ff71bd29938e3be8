package apigateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Poster implements [realtime.Poster] on the @connections API of one stage.
type Poster struct {
	client *apigatewaymanagementapi.Client
}

var _ realtime.Poster = (*Poster)(nil)

// NewPoster returns a poster for the stage with a callback URL such as
// https://abc123.execute-api.eu-west-1.amazonaws.com/prod. Region, credentials
// and HTTP client are cfg's; its HTTP client should keep many connections to
// one host.
func NewPoster(cfg aws.Config, callbackURL string) *Poster {
	return &Poster{client: apigatewaymanagementapi.NewFromConfig(cfg, func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint = &callbackURL
		// Package realtime decides what is tried again, and when.
		o.Retryer = aws.NopRetryer{}
	})}
}

// Post implements [realtime.Poster].
func (p *Poster) Post(ctx context.Context, connectionID string, frame []byte) error {
	_, err := p.client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{
		ConnectionId: &connectionID, Data: frame,
	})
	if err != nil {
		return fmt.Errorf("post to connection %s: %w", connectionID, classify(err))
	}
	return nil
}

// Confirm implements [realtime.Poster].
func (p *Poster) Confirm(ctx context.Context, connectionID string) error {
	_, err := p.client.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{
		ConnectionId: &connectionID,
	})
	if err != nil {
		return fmt.Errorf("look for connection %s: %w", connectionID, classify(err))
	}
	return nil
}

// classify gives an error the meaning that package realtime knows it by, if it
// has one. The HTTP status says it more surely than the error's type, which is
// lost when something between here and API Gateway answers.
func classify(err error) error {
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		return err
	}
	switch status := response.HTTPStatusCode(); {
	case status == http.StatusGone:
		return join(realtime.ErrGone, err)
	case status == http.StatusTooManyRequests:
		return join(realtime.ErrThrottled, err)
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		// 403: this function may not post. 413: the frame is too large.
		return join(realtime.ErrRefused, err)
	}
	return err
}

// join returns an error that is both.
func join(meaning, err error) error {
	return fmt.Errorf("%w: %w", meaning, err)
}
