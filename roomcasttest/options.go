package roomcasttest

import (
	"maps"
	"time"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/settings"
)

// Option changes how Run runs a stack.
type Option func(*config)

// config is what the options of a Run come to.
type config struct {
	local   local.Options
	context map[string]any
	script  faults.Script
	seed    *uint64
	// provider says that the app's identity provider is replaced.
	provider bool
	err      error
}

// WithIdleTimeout closes connections on which no message was sent for d, in
// either direction.
// Default: 10 minutes, as on AWS.
func WithIdleTimeout(d time.Duration) Option {
	return func(c *config) { c.local.IdleTimeout = d }
}

// WithConnectionDuration closes connections that have been open for d, busy or
// not.
// Default: 2 hours, as on AWS.
func WithConnectionDuration(d time.Duration) Option {
	return func(c *config) { c.local.MaxAge = d }
}

// WithRequestRate sets how many handshakes, messages and @connections requests
// all APIs accept in a second, with a burst of half as many. Requests above it
// are answered as throttled.
// Default: 10,000, the AWS default quota in most Regions.
func WithRequestRate(perSecond int) Option {
	return func(c *config) { c.local.RequestRate = perSecond }
}

// WithoutIAM turns IAM off: every caller may make every call.
// Default: the policies of the template are enforced.
func WithoutIAM() Option {
	return func(c *config) { c.local.DisableIAM = true }
}

// WithDynamoDB chooses the engine of the tables:
//
//   - "dynalite", which Roomcast installs
//   - "local", AWS's DynamoDB Local, which needs Java
//   - the URL of a DynamoDB that is running. Its tables are used as they are, so
//     they need not be empty, and stacks of the same template share them
//
// Default: the environment variable ROOMCAST_DYNAMODB, else dynalite.
func WithDynamoDB(engine string) Option {
	return func(c *config) { c.local.DynamoDB = engine }
}

// WithContext adds values to the context of the app's cdk.json, as the CDK CLI's
// --context does. They replace values of the same name, also those of an earlier
// WithContext. The app is synthesized once for each context. Run fails if its
// folder holds a cloud assembly, which is synthesized already.
// Default: the context of cdk.json.
func WithContext(values map[string]any) Option {
	return func(c *config) {
		if c.context == nil {
			c.context = map[string]any{}
		}
		maps.Copy(c.context, values)
	}
}

// WithOpenAuth sets the context value roomcast:auth to "open", by which the app
// of this repository, or one of yours that reads the value, leaves out
// authentication. Clients then name themselves by the query parameter userId.
func WithOpenAuth() Option {
	return WithContext(map[string]any{settings.ContextAuth: "open"})
}

// WithEnvironment replaces the value of an environment variable in all functions
// that have it, such as ROOMCAST_MESSAGE_RATE, to reach a limit soon.
// Default: the value in the template.
func WithEnvironment(name, value string) Option {
	return func(c *config) {
		if c.local.Environment == nil {
			c.local.Environment = map[string]string{}
		}
		c.local.Environment[name] = value
	}
}

// WithFaultFile injects the faults of a file when the stack is ready. See
// docs/reference/faults.md for its format, and [Stack.Inject] to inject single
// faults from a test.
// Default: no faults.
func WithFaultFile(path string) Option {
	return func(c *config) { c.script, c.err = faults.ReadFile(path) }
}

// WithSeed seeds the random choices of faults that affect a share of calls.
// Default: the seed of the fault file, else 1.
func WithSeed(seed uint64) Option {
	return func(c *config) { c.seed = &seed }
}

// injector returns the injector that the options describe. There always is one,
// so that a test can inject faults later.
func (c *config) injector() (*faults.Injector, error) {
	if c.err != nil {
		return nil, c.err
	}
	script := c.script
	if c.seed != nil {
		script.Seed = *c.seed
	}
	return script.Injector()
}
