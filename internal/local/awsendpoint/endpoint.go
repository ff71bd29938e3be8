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

// Config says what lies behind the endpoint.
type Config struct {
	// Services maps a service, by its name in a credential scope ("dynamodb",
	// "sqs"), to the URL of the engine that stands in for it.
	Services map[string]string
	// Secrets answers the calls to Secrets Manager and SSM. Default: nobody does.
	Secrets *secrets.Store
	// Keys know who may call, and do what. Required.
	Keys *access.Keys
	// AccountID and Region are those of the ARNs of tables, queues and secrets.
	// Required.
	AccountID, Region string
	// PartitionKey names the attribute that is a table's partition key, or an
	// index's, "" if there is none such. It is needed to know the items that a
	// call concerns (dynamodb:LeadingKeys). Default: nothing is known of tables.
	PartitionKey func(table, index string) string
	// SortKey names the attribute that is a table's sort key, "" if there is none.
	// It is needed to know what a failed condition costs. Default: no table has
	// one.
	SortKey func(table string) string
	// Faults are injected into the calls. Default: none.
	Faults *faults.Injector
	// Meter counts the calls. Default: nobody counts.
	Meter *usage.Meter
	// Logger gets what is refused, and what goes wrong between the endpoint
	// and the engines. Default: slog's.
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

	outside *http.Transport // to what the local cloud does not stand in for

	// open ends when the endpoint closes: late calls are not made then.
	open   context.Context
	close  context.CancelFunc
	mu     sync.Mutex // guards relays; no call becomes late while the endpoint closes
	relays map[string]relayed
	late   sync.WaitGroup // calls that are still to be made
	partly atomic.Uint32  // batches that were carried out partly
}

// idleConnections is how many connections to an engine stay open: as many as
// functions may call at once, so that a call hardly ever opens one.
const idleConnections = 512

// Start opens the endpoint on a free port of 127.0.0.1.
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
			return nil, fmt.Errorf("awsendpoint: %q, the endpoint of %s, is no URL such as http://127.0.0.1:8000", endpoint, service)
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
		ep.config.Logger.Error("the endpoint has closed", "error", err)
	}
}

// Endpoint is the URL to give to functions as AWS_ENDPOINT_URL.
func (ep *Endpoint) URL() string { return "http://" + ep.listener.Addr().String() }

// Close closes the endpoint and every connection through it, at once. What a
// fault still holds back is not carried out any more.
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
