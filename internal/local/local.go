package local

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/plan"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// Account and Region are the location of everything in a [Cloud].
const (
	Account = plan.Account
	Region  = plan.Region
)

// Options configures [Start].
type Options struct {
	// Assembly is the folder of the cloud assembly, usually cdk.out. Required.
	Assembly string
	// Port is the port of the first WebSocket API. Further APIs take any free port.
	// Default: any free port.
	Port int
	// Site serves the paths on the first API's port that are not the API's own.
	// Default: such paths answer 403, as on API Gateway.
	Site http.Handler
	// Logs receives each log line of a function or an API, with the name that
	// Describe lists. It is called from many goroutines. Default: lines are
	// dropped.
	Logs func(name, line string)
	// Progress receives a message, without a line end, about each slow step.
	// Default: none.
	Progress func(format string, args ...any)
	// RequestRate limits the handshakes, messages and @connections requests of all
	// APIs together, per second. The burst is half of it. A negative value removes
	// the limit. Default: AWS's 10,000 for an account.
	RequestRate int
	// IdleTimeout closes a connection without messages. Default: AWS's 10 minutes.
	IdleTimeout time.Duration
	// MaxAge closes a connection even if it is busy. Default: AWS's 2 hours.
	MaxAge time.Duration
	// DisableIAM allows every call with any credentials. Default: signatures are
	// checked and policies enforced, as on AWS.
	DisableIAM bool
	// DynamoDB is the engine of the tables: "dynalite"; "local" for AWS's DynamoDB
	// Local, which needs a Java development kit; or the URL of a running DynamoDB
	// such as http://127.0.0.1:8000. Existing tables of a running DynamoDB are used
	// and kept. A DynamoDB Local must have been started with -sharedDb. Default:
	// the environment variable ROOMCAST_DYNAMODB, or dynalite.
	DynamoDB string
	// Environment overrides environment variables of functions. It does not add
	// variables that a function does not have. Default: the template's values.
	Environment map[string]string
	// LowerPriority runs functions that only queues and schedules call at a low
	// CPU priority. The CPUs are then free for functions that a client waits for,
	// as if the others ran on CPUs of their own. On a busy machine they hardly run.
	// Default: all functions have the same priority.
	LowerPriority bool
	// Observe is called for events at the gateways of all APIs: connections,
	// messages and @connections requests. It is called from many goroutines.
	// Default: none.
	Observe func(gateway.Observation)
	// Faults injects faults, from the moment when Start returns. Default: none.
	Faults *faults.Injector
}

// API is a stage of a running WebSocket API.
type API struct {
	// ID is the API's ID, as the template's Ref yields it: ten lower-case letters
	// and digits, the same in every run.
	ID string
	// LogicalID is the API's name in its template.
	LogicalID string
	// Stage is the name of the stage.
	Stage string
	// WebSocketURL is the URL for clients: ws://127.0.0.1:port/stage.
	WebSocketURL string
	// CallbackURL is the URL of the @connections API without /@connections/<id>:
	// http://127.0.0.1:port/stage.
	CallbackURL string
	// Guarded reports whether a handshake requires an authorizer or IAM.
	Guarded bool
}

// Start runs the assembly. It returns when tables and queues exist, functions can
// be called and the APIs accept connections. If it fails, it leaves nothing behind.
// The error has one line for each resource that cannot run, with a remedy.
//
// Cancelling ctx ends the start, not the running cloud: call Close for that.
func Start(ctx context.Context, o Options) (*Cloud, error) {
	o = o.withDefaults()
	read, err := assembly.Open(o.Assembly)
	if err != nil {
		return nil, err
	}
	planned, err := plan.New(read)
	if err != nil {
		return nil, err
	}
	if !o.DisableIAM {
		if err := planned.Enforceable(); err != nil {
			return nil, err
		}
	}
	c := &Cloud{options: o, plan: planned, meter: usage.New(), admin: access.NewCredentials(), failed: make(chan error, 1), closing: make(chan struct{})}
	if err := c.start(ctx); err != nil {
		c.Close()
		return nil, err
	}
	// The calls of the start itself do not count.
	c.meter.Reset()
	o.Faults.Begin()
	return c, nil
}

func (o Options) withDefaults() Options {
	if o.Logs == nil {
		o.Logs = func(string, string) {}
	}
	if o.DynamoDB == "" {
		o.DynamoDB = os.Getenv(engines.Variable)
	}
	if o.Progress == nil {
		o.Progress = func(string, ...any) {}
	}
	return o
}
