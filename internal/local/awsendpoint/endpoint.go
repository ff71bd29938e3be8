package awsendpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/secrets"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// Config configures an [Endpoint].
type Config struct {
	// Services maps a service, by its name in a credential scope ("dynamodb",
	// "sqs"), to the URL of its engine.
	Services map[string]string
	// Secrets answers the calls to Secrets Manager and SSM. Default: those services
	// are not emulated.
	Secrets *secrets.Store
	// Keys has the credentials and roles of the callers. Required.
	Keys *access.Keys
	// AccountID and Region are part of the ARNs of tables, queues and secrets.
	// Required.
	AccountID, Region string
	// PartitionKey returns the partition key attribute of a table, or of an index,
	// or "". It is needed for dynamodb:LeadingKeys. Default: no table is known.
	PartitionKey func(table, index string) string
	// SortKey returns the sort key attribute of a table, or "". It is needed for
	// the cost of failed conditions. Default: no table has a sort key.
	SortKey func(table string) string
	// Faults injects faults into the calls. Default: none.
	Faults *faults.Injector
	// Meter meters the calls. Default: none.
	Meter *usage.Meter
	// Logger logs refusals, and errors between the endpoint and the engines.
	// Default: slog's.
	Logger *slog.Logger
}

// Endpoint is a running endpoint.
type Endpoint struct {
	config    Config
	engines   map[string]*url.URL
	names     []string
	transport *http.Transport
	listener  net.Listener
	server    *http.Server

	outside *http.Transport // to addresses outside the local cloud

	// open ends when the endpoint closes. Delayed calls are dropped then.
	open   context.Context
	close  context.CancelFunc
	mu     sync.Mutex // guards relays; no call is delayed after close
	relays map[string]relayed
	late   sync.WaitGroup // delayed calls
	partly atomic.Uint32  // counts partly processed batches
}

// idleConnections is how many connections to an engine stay open. That is as many
// as functions call concurrently, so calls rarely open one.
const idleConnections = 512

// Start starts the endpoint on a free port of 127.0.0.1.
func Start(c Config) (*Endpoint, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.PartitionKey == nil {
		c.PartitionKey = func(string, string) string { return "" }
	}
	if c.SortKey == nil {
		c.SortKey = func(string) string { return "" }
	}
	ep := &Endpoint{
		config: c, engines: map[string]*url.URL{},
		transport: &http.Transport{
			MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnections,
			IdleConnTimeout: time.Minute, DisableCompression: true,
		},
		outside: http.DefaultTransport.(*http.Transport).Clone(),
		relays:  map[string]relayed{},
	}
	for service, endpoint := range c.Services {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("awsendpoint: invalid endpoint %q of %s: expected a URL such as http://127.0.0.1:8000", endpoint, service)
		}
		ep.engines[service] = u
		ep.names = append(ep.names, service)
	}
	if c.Secrets != nil {
		ep.names = append(ep.names, secrets.Services()...)
	}
	slices.Sort(ep.names)

	var err error
	if ep.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("awsendpoint: listen: %w", err)
	}
	ep.server = &http.Server{
		Handler: ep, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug),
	}
	ep.open, ep.close = context.WithCancel(context.Background())
	go ep.listen()
	return ep, nil
}

func (ep *Endpoint) listen() {
	if err := ep.server.Serve(ep.listener); !errors.Is(err, http.ErrServerClosed) {
		ep.config.Logger.Error("the AWS endpoint has stopped", "error", err)
	}
}

// URL returns the endpoint's URL, the AWS_ENDPOINT_URL of functions.
func (ep *Endpoint) URL() string { return "http://" + ep.listener.Addr().String() }

// Close closes the endpoint and every connection through it immediately. Calls that
// a fault still delays are dropped.
func (ep *Endpoint) Close() error {
	ep.mu.Lock()
	ep.close()
	ep.mu.Unlock()
	err := ep.server.Close()
	ep.late.Wait()
	ep.transport.CloseIdleConnections()
	ep.outside.CloseIdleConnections()
	return err
}
