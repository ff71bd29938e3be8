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

// Account and Region are where everything in a [Cloud] is.
const (
	Account = plan.Account
	Region  = plan.Region
)

// Options say what to run and how.
type Options struct {
	// Assembly is the folder of the cloud assembly, usually cdk.out. Required.
	Assembly string
	// Port is where the first WebSocket API listens; further ones take any
	// free port. Default: 0, any free port.
	Port int
	// Site serves every path of the first API's port that is not the API's
	// own. Default: such paths answer 403, as API Gateway does.
	Site http.Handler
	// Logs gets every line that a function, or the cloud about it or about an
	// API, writes, with the name by which Describe lists it. It is called from
	// many goroutines. Default: lines are dropped.
	Logs func(name, line string)
	// Progress is told, in a sentence without line end, what takes long.
	// Default: nobody is told.
	Progress func(format string, args ...any)
	// RequestRate is how many handshakes, messages and @connections requests
	// all APIs take a second together, and half as many at once. A negative one
	// takes the limit away. Default: AWS's 10,000 for an account.
	RequestRate int
	// IdleTimeout closes a connection without a message. Default: AWS's 10
	// minutes.
	IdleTimeout time.Duration
	// MaxAge closes a connection however busy. Default: AWS's 2 hours.
	MaxAge time.Duration
	// DisableIAM lets everybody call everything, with any credentials. Default:
	// signatures are checked and policies enforced, as on AWS.
	DisableIAM bool
	// DynamoDB is the engine of the tables: "dynalite"; "local" for AWS's own
	// DynamoDB Local, which needs a Java development kit; or the URL of a
	// DynamoDB that somebody else runs, such as http://127.0.0.1:8000, whose
	// tables are used as they are and stay. A DynamoDB Local there has to be
	// started with -sharedDb. Default: the environment variable
	// ROOMCAST_DYNAMODB, else dynalite.
	DynamoDB string
	// Environment overrides environment variables of functions, in every
	// function that has a variable of that name; no function gets one that it
	// has not. Default: they are what the template says.
	Environment map[string]string
	// LowerPriority runs functions that only queues and schedules call at a low
	// CPU priority. The CPUs are then free for functions that a client waits for,
	// as if the others ran on CPUs of their own. On a busy machine they hardly run.
	// Default: all functions have the same priority.
	LowerPriority bool
	// Observe is told what happens at the gateways of all APIs: connections,
	// messages and @connections requests. It is called from many goroutines.
	// Default: nobody is told.
	Observe func(gateway.Observation)
	// Faults injects what goes wrong. Start begins them when everything works.
	// Default: nothing goes wrong.
	Faults *faults.Injector
}

// API is a stage of a running WebSocket API.
type API struct {
	// ID is the API's id, as the template's Ref yields it: ten lower-case
	// letters and digits, the same in every run.
	ID string
	// LogicalID is the API's name in its template.
	LogicalID string
	// Stage is the name of the stage.
	Stage string
	// WebSocketURL is where clients connect: ws://127.0.0.1:port/stage.
	WebSocketURL string
	// CallbackURL is the endpoint of the @connections API, to which
	// /@connections/<id> is appended: http://127.0.0.1:port/stage.
	CallbackURL string
	// Guarded says that a handshake has to pass an authorizer, or IAM.
	Guarded bool
}

// Start runs the assembly and returns when everything in it works: tables and
// queues exist, functions can be called, the APIs accept connections. Nothing
// is left behind when it fails. The error says in a sentence what is wrong and
// what to do; one for every resource that cannot run.
//
// A cancelled ctx ends the start, not the running cloud: that is what Close does.
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
	// What the start itself took is nobody's use.
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
