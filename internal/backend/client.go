package backend

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// idleConns is how many idle connections to one host are kept. The SDK keeps 10, so
	// most of the concurrent calls of one request would each pay for a TLS handshake.
	idleConns = 256
	// idleTimeout is how long an idle connection is kept. Some services close theirs well
	// before the SDK's 90 s, and a connection that was idle while Lambda froze the function
	// may be dead without a sign of it. net/http compares wall clocks before it reuses a
	// connection, so time in which the function was frozen counts.
	idleTimeout = 20 * time.Second
	// connectTimeout limits an attempt to connect, and the TLS handshake after it. The
	// services are in the same Region.
	connectTimeout = 3 * time.Second
	// tlsSessions is how many hosts have a TLS session to resume: a function calls
	// two or three.
	tlsSessions = 8
	// headerTimeout is how long the headers of a response may take. Tables and queues
	// answer in milliseconds, and no call of a function is a long poll.
	headerTimeout = 2 * time.Second

	// apiTries is how many attempts a throttled or failed call gets.
	apiTries = 4
	// firstBackoff and maxBackoff limit the wait before a retry: a random part of 25 ms
	// before the first, of twice as much before each further one. All waits of one call are
	// less than 175 ms, so that retries alone never take a sender beyond the second after
	// which its seq may get a tombstone.
	firstBackoff = 25 * time.Millisecond
	maxBackoff   = 500 * time.Millisecond
	// timeoutTries is how many attempts a call gets that is not answered in time. More would
	// use up the 10 s of a function.
	timeoutTries = 2
)

// Tuned returns cfg with an HTTP client and retries for a function: those of cfg are for
// programs that can wait. The client keeps the trusted roots of cfg's client.
func Tuned(cfg aws.Config) aws.Config {
	tuned := cfg.Copy()
	tuned.HTTPClient = newClient(cfg.HTTPClient)
	tuned.Retryer = func() aws.Retryer {
		return awsretry.NewStandard(func(o *awsretry.StandardOptions) {
			o.MaxAttempts = apiTries
			// Not MaxBackoff: below 1 s the SDK uses it for every delay, without jitter.
			o.Backoff = awsretry.BackoffDelayerFunc(retryDelay)
		})
	}
	return tuned
}

// retryDelay returns how long to wait after a failed attempt; the first is number 1. With
// full jitter, calls that were throttled at the same time are not retried at the same
// time.
func retryDelay(attempt int, err error) (time.Duration, error) {
	var timeout interface{ Timeout() bool }
	if attempt >= timeoutTries && errors.As(err, &timeout) && timeout.Timeout() {
		return 0, fmt.Errorf("no answer in %d attempts: %w", attempt, err)
	}
	return retry.FullJitter(firstBackoff, maxBackoff, attempt-1), nil
}

// client makes the SDK's HTTP calls.
type client struct {
	http *http.Client
}

// newClient returns a client with connections of its own and the TLS settings of another
// client, such as the roots from AWS_CA_BUNDLE.
func newClient(of aws.HTTPClient) *client {
	base, ok := of.(*awshttp.BuildableClient)
	if !ok {
		base = awshttp.NewBuildableClient()
	}
	transport := base.
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = connectTimeout }).
		GetTransport()
	transport.MaxIdleConnsPerHost = idleConns
	transport.MaxIdleConns = 2 * idleConns // the tables, and besides them the queues
	transport.IdleConnTimeout = idleTimeout
	transport.ResponseHeaderTimeout = headerTimeout
	transport.TLSHandshakeTimeout = connectTimeout
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{}
	}
	// Resuming a session saves most of the CPU time of a handshake.
	transport.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(tlsSessions)
	return &client{&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do implements [aws.HTTPClient]. If one kept connection turns out to be dead, the others
// probably are as well: the retry gets a new one instead of trying them in turn.
func (c *client) Do(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil && !errors.Is(err, context.Canceled) {
		c.http.CloseIdleConnections()
	}
	return resp, err
}
