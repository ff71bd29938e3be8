package frontdoor

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Config says what lies behind the front door.
type Config struct {
	// Services maps a service, by its name in a credential scope ("dynamodb",
	// "sqs"), to the URL of the engine that stands in for it.
	Services map[string]string
	// Caller names the function that an access key id belongs to, "" if none.
	// Default: no caller has a name.
	Caller func(accessKeyID string) string
	// Logger gets what goes wrong between the front door and the engines.
	// Default: slog's.
	Logger *slog.Logger
}

// FrontDoor is a running front door.
type FrontDoor struct {
	services  map[string]*url.URL
	names     []string
	caller    func(string) string
	logger    *slog.Logger
	transport *http.Transport
	listener  net.Listener
	server    *http.Server
}

// idleConnections is how many connections to an engine stay open: as many as
// functions may call at once, so that a call hardly ever opens one.
const idleConnections = 512

// Start opens the front door on a free port of 127.0.0.1.
func Start(c Config) (*FrontDoor, error) {
	f := &FrontDoor{
		services: map[string]*url.URL{}, caller: c.Caller, logger: c.Logger,
		transport: &http.Transport{
			MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnections,
			IdleConnTimeout: time.Minute, DisableCompression: true,
		},
	}
	if f.caller == nil {
		f.caller = func(string) string { return "" }
	}
	if f.logger == nil {
		f.logger = slog.Default()
	}
	for service, endpoint := range c.Services {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("frontdoor: %q, the endpoint of %s, is no URL such as http://127.0.0.1:8000", endpoint, service)
		}
		f.services[service] = u
		f.names = append(f.names, service)
	}
	slices.Sort(f.names)

	var err error
	if f.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("frontdoor: listen: %w", err)
	}
	f.server = &http.Server{Handler: f, ErrorLog: slog.NewLogLogger(f.logger.Handler(), slog.LevelDebug)}
	go f.serve()
	return f, nil
}

func (f *FrontDoor) serve() {
	if err := f.server.Serve(f.listener); !errors.Is(err, http.ErrServerClosed) {
		f.logger.Error("the front door has closed", "error", err)
	}
}

// Endpoint is the URL to give to functions as AWS_ENDPOINT_URL.
func (f *FrontDoor) Endpoint() string { return "http://" + f.listener.Addr().String() }

// Close closes the front door and every connection through it, at once.
func (f *FrontDoor) Close() error {
	err := f.server.Close()
	f.transport.CloseIdleConnections()
	return err
}

// ServeHTTP forwards a request to its service's engine, or refuses it.
func (f *FrontDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, ok := credentialOf(r)
	if !ok {
		refusal{http.StatusForbidden, "MissingAuthenticationTokenException",
			"Request is missing Authentication Token"}.write(w, r, "")
		return
	}
	engine, ok := f.services[c.service]
	if !ok {
		e := f.notEmulated(c)
		f.logger.Warn(e.message)
		e.write(w, r, c.service)
		return
	}
	if e := f.forward(w, r, engine); e != nil {
		f.logger.Warn("a call to an engine failed", "service", c.service, "function", f.caller(c.accessKeyID), "error", e)
		refusal{http.StatusServiceUnavailable, "ServiceUnavailable",
			fmt.Sprintf("the local engine for %s does not answer: %v", c.service, e)}.write(w, r, c.service)
	}
}

func (f *FrontDoor) notEmulated(c credential) refusal {
	who := "the caller"
	if name := f.caller(c.accessKeyID); name != "" {
		who = "function " + name
	}
	return refusal{http.StatusNotImplemented, "NotImplemented", fmt.Sprintf(
		"%s called AWS service %q, which the local cloud does not emulate (it has %s)",
		who, c.service, strings.Join(f.names, ", "))}
}

// forward passes the request on and the answer back. An error means that
// nothing has been answered yet; a caller that has gone is none.
func (f *FrontDoor) forward(w http.ResponseWriter, r *http.Request, engine *url.URL) error {
	target := *r.URL
	target.Scheme, target.Host = engine.Scheme, engine.Host
	out := (&http.Request{
		Method: r.Method, URL: &target, Host: r.Host, Header: r.Header,
		Body: r.Body, ContentLength: r.ContentLength,
	}).WithContext(r.Context())
	dropHopByHop(out.Header)

	answer, err := f.transport.RoundTrip(out)
	if err != nil {
		if r.Context().Err() != nil {
			return nil
		}
		return err
	}
	defer answer.Body.Close()
	header := w.Header()
	for name, values := range answer.Header {
		header[name] = values
	}
	dropHopByHop(header)
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // whoever broke off, the other has gone
	return nil
}

// dropHopByHop removes what concerns one connection only.
func dropHopByHop(h http.Header) {
	for _, name := range [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		delete(h, name)
	}
}
