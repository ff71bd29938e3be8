package functions

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// ErrClosed is returned for invocations of a closed function.
var ErrClosed = errors.New("functions: the function is closed")

// MaxPayload is the maximum size of an event and of a response of a synchronous
// invocation, in bytes.
const MaxPayload = 6 << 20

// Config configures a [Function].
type Config struct {
	// Name is the function's name. Required.
	Name string
	// Label is the function's name for faults and the meter. Default: Name.
	Label string
	// Dir is the folder of the function's code. Required.
	Dir string
	// Runtime is Lambda's name of the runtime. A runtime that begins with "nodejs"
	// runs Dir's JavaScript with Node. Any other runs the program "bootstrap" in
	// Dir. Default: provided.al2023.
	Runtime string
	// Node is the path of the Node program. Required for nodejs runtimes.
	Node string
	// Handler is the runtime's _HANDLER.
	Handler string
	// Env has the function's own environment variables.
	Env map[string]string
	// MemoryMB is visible to the function but not enforced. Default: 128.
	MemoryMB int
	// Timeout limits an invocation. Default: 3 s.
	Timeout time.Duration
	// MaxConcurrency limits the sandboxes of a function without reserved
	// concurrency; further invocations wait. Default: 32.
	MaxConcurrency int
	// Reserved is the function's reserved concurrency. Further invocations are
	// refused with an [InvokeError]; 0 refuses all of them. Default: nil, none.
	Reserved *int
	// Region and AccountID are part of the function's ARN. Default: us-east-1 and
	// 000000000000.
	Region, AccountID string
	// Endpoint is the value of AWS_ENDPOINT_URL. Default: not set.
	Endpoint string
	// Logging is the function's logging configuration. Default: text.
	Logging Logging
	// Logs receives each line of the function, or of Lambda about it. It is called
	// from many goroutines. Default: lines are dropped.
	Logs func(function, line string)
	// Faults injects faults into invocations. Default: none.
	Faults *faults.Injector
	// LowPriority runs the function's processes at a low CPU priority, because no
	// client waits for its results. On AWS each function has its own CPU; here work
	// from queues must not slow client requests. Default: the normal priority.
	LowPriority bool
	// Meter meters invocations and log bytes. Default: none.
	Meter *usage.Meter
}

func (c Config) withDefaults() Config {
	if c.Label == "" {
		c.Label = c.Name
	}
	if c.Runtime == "" {
		c.Runtime = "provided.al2023"
	}
	if c.MemoryMB == 0 {
		c.MemoryMB = 128
	}
	if c.Timeout == 0 {
		c.Timeout = 3 * time.Second
	}
	if c.MaxConcurrency == 0 {
		c.MaxConcurrency = 32
	}
	if c.Reserved != nil {
		c.MaxConcurrency = *c.Reserved
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.AccountID == "" {
		c.AccountID = "000000000000"
	}
	if c.Logs == nil {
		c.Logs = func(string, string) {}
	}
	return c
}

// ARN is the function's Amazon Resource Name.
func (c Config) ARN() string {
	c = c.withDefaults()
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", c.Region, c.AccountID, c.Name)
}

// Result is the result of an invocation that reached the function.
type Result struct {
	// Payload is the handler's result or, if FunctionError is set, a JSON object
	// with errorType and errorMessage.
	Payload []byte
	// FunctionError is "" if the handler succeeded, else "Unhandled".
	FunctionError string
	// RequestID is the invocation's ID, as the function sees it.
	RequestID string
	// Duration is the time from passing on the event to the response.
	Duration time.Duration
	// InitDuration is the start time of the sandbox if this was its first
	// invocation; else 0.
	InitDuration time.Duration
}

// Function runs invocations of one function.
type Function struct {
	config      Config
	program     program
	environment []string
	credentials Credentials

	mu        sync.Mutex // guards the fields below, and the sandboxes' state
	closed    bool
	queue     []*invocation // waiting for a sandbox, oldest first
	idle      []*sandbox    // the one used last at the end
	sandboxes map[*sandbox]struct{}
	inFlight  int // invocations accepted and not answered
	total     int // sandboxes, including starting ones
	starting  int // sandboxes before their first request for an invocation
	finishing int // sandboxes after a response and before the next request

	running sync.WaitGroup // one per sandbox
}

// New checks that the code can run and returns the function. The first invocation
// starts the first process. The caller must call Close.
func New(c Config) (*Function, error) {
	c = c.withDefaults()
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", c.Name, err)
	}
	c.Dir = dir
	p, err := newProgram(c)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", c.Name, err)
	}
	f := &Function{config: c, program: p, credentials: newCredentials(), sandboxes: map[*sandbox]struct{}{}}
	f.environment = environment(c, f.credentials)
	return f, nil
}

// Name is the function's name.
func (f *Function) Name() string { return f.config.Name }

// Credentials returns the credentials of the function's AWS calls. No other
// function has them.
func (f *Function) Credentials() Credentials { return f.credentials }

// Close kills the function's sandboxes and waits until they have ended. Running and
// waiting invocations fail with [ErrClosed].
func (f *Function) Close() error {
	f.mu.Lock()
	f.closed = true
	for _, inv := range f.queue {
		inv.deliver(answer{err: ErrClosed})
	}
	f.queue = nil
	for s := range f.sandboxes {
		s.process.Kill()
	}
	f.mu.Unlock()
	f.running.Wait()
	return f.program.remove()
}
