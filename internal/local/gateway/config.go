package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// Quotas of API Gateway that an account cannot raise.
const (
	maxFrame   = 32 << 10  // bytes of a frame's payload
	maxMessage = 128 << 10 // bytes of a message, in either direction
	maxURL     = 4096      // characters of the request's target

	idleTimeout = 10 * time.Minute
	maxAge      = 2 * time.Hour

	minIntegrationTimeout = 50 * time.Millisecond
	maxIntegrationTimeout = 29 * time.Second
)

// Keys of the predefined routes.
const (
	routeConnect    = "$connect"
	routeDisconnect = "$disconnect"
	routeDefault    = "$default"
)

// An Invoker runs one Lambda function with an event and returns its result.
// Any error means that the integration failed: the function threw, was killed,
// or could not be started. It is called from many goroutines, and has to return
// when its context ends: the integration's timeout has passed or the gateway is
// closing, which waits for it.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// A Route sends the messages that select it to a function.
type Route struct {
	// Key is what the route selection expression has to evaluate to, or one of
	// $connect, $disconnect and $default.
	Key string
	// Target is the route's Lambda proxy integration. Default: none, the
	// message (or connection) is accepted and nothing happens.
	Target Invoker
	// Timeout is the integration's, between 50 ms and 29 s. Default: 29 s.
	Timeout time.Duration
	// Function is the name under which faults and metering know the target.
	Function string
	// Authorizer decides about handshakes; $connect only. Default: none.
	Authorizer *Authorizer
	// IAM makes a handshake need a signature by somebody who may do
	// [ActionInvoke]; $connect only. Default: it needs none.
	IAM bool
	// Limit throttles the route. Default: only Config.Account does.
	Limit *Limit
	// ReturnResponse makes the route two-way: the body of the function's
	// response is sent to the client. Default: one-way, it is dropped.
	ReturnResponse bool

	bucket *rate.Limiter // what Limit comes to; nil for no limit
}

// Config describes one WebSocket API and its one stage.
type Config struct {
	// APIID, Stage and DomainName name the API in the events that functions
	// get; the stage is also the first segment of every path.
	APIID, Stage, DomainName string
	// Region and AccountID are where the API is deployed to.
	Region, AccountID string
	// StageVariables are the stage's. Default: none.
	StageVariables map[string]string
	// RouteSelection is the route selection expression, such as
	// "$request.body.action".
	RouteSelection string
	// Routes are the API's routes by their keys.
	Routes map[string]Route
	// IdleTimeout closes a connection without a message in either direction.
	// Default: 10 minutes, as AWS.
	IdleTimeout time.Duration
	// MaxAge closes a connection however busy it is. Default: 2 hours, as AWS.
	MaxAge time.Duration
	// Account throttles what all APIs of an account ask for together:
	// handshakes, messages and @connections requests. Default: no limit.
	Account *rate.Limiter
	// Authorize decides about @connections requests, and about handshakes on a
	// $connect route with IAM authorization. Default: everybody may do
	// everything.
	Authorize AuthorizeFunc
	// Faults are injected into @connections requests and $disconnect. Default:
	// none.
	Faults *faults.Injector
	// Meter counts messages and connections. Default: nothing is counted.
	Meter *usage.Meter
	// Refused is called with each handshake that the authorizer, the function
	// behind $connect or a limit refuses, its status, and the reason for a
	// developer: the client is not sent it. Default: nothing is called.
	Refused func(r *http.Request, status int, reason string)
	// Observe is told what happens at the gateway, from many goroutines, and
	// delays it for as long as it takes. Default: nobody is told.
	Observe func(Observation)
	// Logger hears of failed integrations. Default: nothing is logged.
	Logger *slog.Logger
}

// stageName is what AWS accepts as the name of a stage.
var stageName = regexp.MustCompile(`^(\$default|[A-Za-z0-9_-]{1,128})$`)

// withDefaults returns a checked copy of the configuration, its own defaults
// filled in.
func (c Config) withDefaults() (Config, error) {
	if !stageName.MatchString(c.Stage) {
		return c, fmt.Errorf("gateway: stage %q: use 1 to 128 letters, digits, hyphens and underscores", c.Stage)
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = idleTimeout
	}
	if c.MaxAge == 0 {
		c.MaxAge = maxAge
	}
	if c.IdleTimeout < 0 || c.MaxAge < 0 {
		return c, fmt.Errorf("gateway: idle timeout %v and maximum age %v must be positive", c.IdleTimeout, c.MaxAge)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Routes = maps.Clone(c.Routes)
	for key, route := range c.Routes {
		checked, err := route.withDefaults(key)
		if err != nil {
			return c, err
		}
		c.Routes[key] = checked
	}
	return c, nil
}

// withDefaults returns a checked copy of the route that is listed under key.
func (r Route) withDefaults(key string) (Route, error) {
	if r.Key != key {
		return r, fmt.Errorf("gateway: route %q is listed under the key %q", r.Key, key)
	}
	if r.Timeout == 0 {
		r.Timeout = maxIntegrationTimeout
	}
	if r.Timeout < minIntegrationTimeout || r.Timeout > maxIntegrationTimeout {
		return r, fmt.Errorf("gateway: route %q: integration timeout %v is not between %v and %v",
			key, r.Timeout, minIntegrationTimeout, maxIntegrationTimeout)
	}
	if strings.HasPrefix(key, "$") && key != routeConnect && key != routeDisconnect && key != routeDefault {
		return r, fmt.Errorf("gateway: route %q: a key of one's own must not begin with a dollar sign", key)
	}
	if key != routeConnect && (r.Authorizer != nil || r.IAM) {
		return r, fmt.Errorf("gateway: route %q has an authorizer: only $connect can have one", key)
	}
	if r.Authorizer != nil {
		own := *r.Authorizer
		if err := own.check(); err != nil {
			return r, fmt.Errorf("gateway: route %q: %w", key, err)
		}
		r.Authorizer = &own
	}
	if r.Limit != nil {
		r.bucket = rate.NewLimiter(rate.Limit(r.Limit.Rate), r.Limit.Burst)
	}
	return r, nil
}
