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

// API Gateway quotas that cannot be raised.
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

// An Invoker runs a Lambda function with an event and returns its result. An error
// means that the integration failed: the function threw, was killed or could not be
// started. It is called from many goroutines. It must return when its context ends,
// because the integration timed out or the gateway is closing and waits for it.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// A Route sends the messages that select it to a function.
type Route struct {
	// Key is the value of the route selection expression that selects the route, or
	// one of $connect, $disconnect and $default.
	Key string
	// Target is the route's Lambda proxy integration. Default: none; messages and
	// connections are accepted without effect.
	Target Invoker
	// Timeout is the integration's timeout, from 50 ms to 29 s. Default: 29 s.
	Timeout time.Duration
	// Function is the target's name for faults and metering.
	Function string
	// Authorizer authorizes handshakes; $connect only. Default: none.
	Authorizer *Authorizer
	// IAM requires that a handshake is signed by a principal with the permission
	// [ActionInvoke]; $connect only. Default: no signature is required.
	IAM bool
	// Limit throttles the route. Default: only Config.Account throttles it.
	Limit *Limit
	// ReturnResponse makes the route two-way: the body of the function's response
	// is sent to the client. Default: one-way; it is dropped.
	ReturnResponse bool

	bucket *rate.Limiter // the bucket of Limit; nil for no limit
}

// Config describes one WebSocket API and its one stage.
type Config struct {
	// APIID, Stage and DomainName identify the API in events. The stage is also the
	// first segment of every path.
	APIID, Stage, DomainName string
	// Region and AccountID are the API's location.
	Region, AccountID string
	// StageVariables are the stage's variables. Default: none.
	StageVariables map[string]string
	// RouteSelection is the route selection expression, such as
	// "$request.body.action".
	RouteSelection string
	// Routes has the API's routes by their keys.
	Routes map[string]Route
	// IdleTimeout closes a connection without messages in either direction.
	// Default: 10 minutes, as on AWS.
	IdleTimeout time.Duration
	// MaxAge closes a connection even if it is busy. Default: 2 hours, as on AWS.
	MaxAge time.Duration
	// Account throttles the requests of all APIs of an account together:
	// handshakes, messages and @connections requests. Default: no limit.
	Account *rate.Limiter
	// Authorize authorizes @connections requests, and handshakes on a $connect
	// route with IAM authorization. Default: every request is allowed.
	Authorize AuthorizeFunc
	// Faults injects faults into @connections requests and $disconnect. Default:
	// none.
	Faults *faults.Injector
	// Meter meters messages and connections. Default: none.
	Meter *usage.Meter
	// Refused is called for each handshake that the authorizer, the function behind
	// $connect or a limit refuses, with the status and the reason. The reason is
	// for developers and is not sent to the client. Default: none.
	Refused func(r *http.Request, status int, reason string)
	// Observe is called for events at the gateway, from many goroutines. The
	// gateway waits until it returns. Default: none.
	Observe func(Observation)
	// Logger logs failed integrations. Default: none.
	Logger *slog.Logger
}

// stageName matches stage names that AWS accepts.
var stageName = regexp.MustCompile(`^(\$default|[A-Za-z0-9_-]{1,128})$`)

// withDefaults validates the configuration and returns a copy with defaults.
func (c Config) withDefaults() (Config, error) {
	if !stageName.MatchString(c.Stage) {
		return c, fmt.Errorf("gateway: invalid stage %q: expected 1 to 128 letters, digits, hyphens and underscores", c.Stage)
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = idleTimeout
	}
	if c.MaxAge == 0 {
		c.MaxAge = maxAge
	}
	if c.IdleTimeout < 0 || c.MaxAge < 0 {
		return c, fmt.Errorf("gateway: invalid idle timeout %v or maximum age %v: expected positive durations", c.IdleTimeout, c.MaxAge)
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

// withDefaults validates the route listed under key and returns a copy with
// defaults.
func (r Route) withDefaults(key string) (Route, error) {
	if r.Key != key {
		return r, fmt.Errorf("gateway: invalid route %q: it is listed under the key %q", r.Key, key)
	}
	if r.Timeout == 0 {
		r.Timeout = maxIntegrationTimeout
	}
	if r.Timeout < minIntegrationTimeout || r.Timeout > maxIntegrationTimeout {
		return r, fmt.Errorf("gateway: invalid integration timeout %[2]v of route %[1]q: expected %[3]v to %[4]v",
			key, r.Timeout, minIntegrationTimeout, maxIntegrationTimeout)
	}
	if strings.HasPrefix(key, "$") && key != routeConnect && key != routeDisconnect && key != routeDefault {
		return r, fmt.Errorf("gateway: invalid route key %q: expected a key without a leading dollar sign", key)
	}
	if key != routeConnect && (r.Authorizer != nil || r.IAM) {
		return r, fmt.Errorf("gateway: invalid route %q: only $connect can have an authorizer", key)
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
