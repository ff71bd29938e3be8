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

// ErrClosed is returned for an invocation of a function that has been closed.
var ErrClosed = errors.New("functions: the function is closed")

// MaxPayload is the largest event and the largest response of a synchronous
// invocation, in bytes.
const MaxPayload = 6 << 20

// Config describes a function.
type Config struct {
	// Name is the function's name. Required.
	Name string
	// Label is what faults and the meter know the function by. Default: Name.
	Label string
	// Dir is the folder of the function's code. Required.
	Dir string
	// Runtime is Lambda's name of the runtime. One that begins with "nodejs"
	// runs Dir's JavaScript by Node, any other the program "bootstrap" in Dir.
	// Default: provided.al2023.
	Runtime string
	// Node is the path of the Node program. Required for runtimes nodejs.
	Node string
	// Handler is handed to the runtime as _HANDLER.
	Handler string
	// Env are the function's own environment variables.
	Env map[string]string
	// MemoryMB is told to the function, not enforced. Default: 128.
	MemoryMB int
	// Timeout bounds an invocation. Default: 3 s.
	Timeout time.Duration
	// MaxConcurrency bounds the sandboxes of a function that reserves no
	// concurrency; what is more waits. Default: 32.
	MaxConcurrency int
	// Reserved is the function's reserved concurrency: invocations beyond it
	// are refused with an [InvokeError], all of them if it is 0. Default: nil,
	// none.
	Reserved *int
	// Region and AccountID make up the function's ARN. Default: us-east-1 and
	// 000000000000.
	Region, AccountID string
	// Endpoint is what AWS_ENDPOINT_URL is set to. Default: it is not set.
	Endpoint string
	// Logging is the function's logging configuration. Default: text.
	Logging Logging
	// Logs gets each line that the function, or Lambda about it, writes. It is
	// called from many goroutines. Default: lines are dropped.
	Logs func(function, line string)
	// Faults is asked before each invocation what goes wrong with it. Default:
	// nothing does.
	Faults *faults.Injector
	// LowPriority runs the function's processes at a low priority: nobody waits for
	// its answer. On AWS every function has a processor of its own; here they
	// share one machine, where what queues bring must not slow what clients ask.
	// Default: the usual priority.
	LowPriority bool
	// Meter counts invocations and log bytes. Default: nobody counts.
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

// Result is the outcome of an invocation that reached the function.
type Result struct {
	// Payload is what the handler returned or, if FunctionError is set, a JSON
	// object with errorType and errorMessage.
	Payload []byte
	// FunctionError is "" if the handler succeeded, else "Unhandled".
	FunctionError string
	// RequestID is the invocation's id, as the function sees it.
	RequestID string
	// Duration is the time from the event's hand-over to the answer.
	Duration time.Duration
	// InitDuration is the time that the sandbox took to start, if this was its
	// first invocation; else 0.
	InitDuration time.Duration
}

// Function runs invocations of one function.
type Function struct {
	config      Config
	program     program
	environment []string
	credentials Credentials

	mu        sync.Mutex // guards what follows, and the sandboxes' state
	closed    bool
	queue     []*invocation // waiting for a sandbox, oldest first
	idle      []*sandbox    // the one used last at the end
	sandboxes map[*sandbox]struct{}
	inFlight  int // invocations accepted and not answered
	total     int // sandboxes, starting ones included
	starting  int // those that have not asked for an invocation yet
	finishing int // those that have answered and not asked for the next invocation yet

	running sync.WaitGroup // one per sandbox
}

// New checks that the code can run and returns the function. No process is
// started before the first invocation. The caller has to Close it.
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

// Credentials are those that the function signs its AWS calls with. No other
// function has them.
func (f *Function) Credentials() Credentials { return f.credentials }

// Close kills the function's sandboxes and returns when nothing of them is
// left. Invocations that run or wait fail with [ErrClosed].
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
