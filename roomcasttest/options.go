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
	// provider says that the app's provider of tokens is replaced.
	provider bool
	err      error
}

// IdleTimeout closes connections without a message in either direction.
// Default: AWS's 10 minutes.
func IdleTimeout(d time.Duration) Option {
	return func(c *config) { c.local.IdleTimeout = d }
}

// MaxAge closes connections however busy they are. Default: AWS's 2 hours.
func MaxAge(d time.Duration) Option {
	return func(c *config) { c.local.MaxAge = d }
}

// RequestRate is how many handshakes, messages and @connections requests all
// APIs take a second, and half as many at once, before they answer as too many.
// Default: AWS's 10,000.
func RequestRate(n int) Option {
	return func(c *config) { c.local.RequestRate = n }
}

// WithoutIAM lets functions, and everybody else, call everything. Default: the
// template's policies are enforced.
func WithoutIAM() Option {
	return func(c *config) { c.local.DisableIAM = true }
}

// DynamoDB chooses the engine of the tables: "dynalite"; "local" for AWS's own
// DynamoDB Local, which needs Java; or the URL of a DynamoDB that runs already,
// whose tables are taken as they are: they need not be empty, and stacks of the
// same template share them. Default: the environment variable
// ROOMCAST_DYNAMODB, else dynalite.
func DynamoDB(engine string) Option {
	return func(c *config) { c.local.DynamoDB = engine }
}

// WithContext lays values over the context of the app's cdk.json, as the CDK
// CLI's --context does, and over those of a WithContext before. The app is
// synthesized once for each context. A folder that holds a cloud assembly
// cannot be run with it. Default: the context of cdk.json.
func WithContext(values map[string]any) Option {
	return func(c *config) {
		if c.context == nil {
			c.context = map[string]any{}
		}
		maps.Copy(c.context, values)
	}
}

// Open runs a RealtimeStack without authentication, so that clients name
// themselves by ?userId=. It is WithContext with roomcast:auth=open.
func Open() Option {
	return WithContext(map[string]any{settings.ContextAuth: "open"})
}

// Environment overrides an environment variable in all functions that have it,
// such as ROOMCAST_MESSAGE_RATE to test what happens at a limit. Default: the
// variable is what the template says.
func Environment(name, value string) Option {
	return func(c *config) {
		if c.local.Environment == nil {
			c.local.Environment = map[string]string{}
		}
		c.local.Environment[name] = value
	}
}

// FaultFile injects the faults of a file, of which docs/reference/faults.md tells, once
// the stack is ready. Faults can also be injected one by one, with Inject.
func FaultFile(path string) Option {
	return func(c *config) { c.script, c.err = faults.ReadFile(path) }
}

// Seed decides the chance of faults that befall a share of calls, instead of
// the seed of the fault file. Default: 1.
func Seed(seed uint64) Option {
	return func(c *config) { c.seed = &seed }
}

// injector returns the injector that the options ask for. There always is
// one, so that faults can be injected later.
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
