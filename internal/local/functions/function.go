package functions

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"
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
	// Dir is the folder that holds the program "bootstrap". Required.
	Dir string
	// Handler is handed to the bootstrap as _HANDLER.
	Handler string
	// Env are the function's own environment variables.
	Env map[string]string
	// MemoryMB is told to the function, not enforced. Default: 128.
	MemoryMB int
	// Timeout bounds an invocation. Default: 3 s.
	Timeout time.Duration
	// MaxConcurrency bounds the sandboxes. Default: 32.
	MaxConcurrency int
	// Region and AccountID make up the function's ARN. Default: us-east-1 and
	// 000000000000.
	Region, AccountID string
	// Endpoint is what AWS_ENDPOINT_URL is set to. Default: it is not set.
	Endpoint string
	// Logs gets each line that the function, or Lambda about it, writes. It is
	// called from many goroutines. Default: lines are dropped.
	Logs func(function, line string)
}

func (c Config) withDefaults() Config {
	if c.MemoryMB == 0 {
		c.MemoryMB = 128
	}
	if c.Timeout == 0 {
		c.Timeout = 3 * time.Second
	}
	if c.MaxConcurrency == 0 {
		c.MaxConcurrency = 32
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
	environment []string
	credentials Credentials

	mu        sync.Mutex // guards what follows, and the sandboxes' state
	closed    bool
	queue     []*invocation // waiting for a sandbox, oldest first
	idle      []*sandbox    // the one used last at the end
	sandboxes map[*sandbox]struct{}
	total     int // sandboxes, starting ones included
	starting  int // those that have not asked for an invocation yet
	finishing int // those that have answered and not asked for the next invocation yet
	inits     []time.Duration

	running sync.WaitGroup // one per sandbox
}

// New checks the bootstrap and returns the function. No process is started
// before the first invocation. The caller has to Close it.
func New(c Config) (*Function, error) {
	c = c.withDefaults()
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", c.Name, err)
	}
	c.Dir = dir
	if err := checkBootstrap(filepath.Join(dir, bootstrap)); err != nil {
		return nil, fmt.Errorf("function %s: %w", c.Name, err)
	}
	f := &Function{config: c, credentials: newCredentials(), sandboxes: map[*sandbox]struct{}{}}
	f.environment = environment(c, f.credentials)
	return f, nil
}

// Name is the function's name.
func (f *Function) Name() string { return f.config.Name }

// Credentials are those that the function signs its AWS calls with. No other
// function has them.
func (f *Function) Credentials() Credentials { return f.credentials }

// InitDurations tells how long each of the newest sandboxes took from the
// start of its process until it asked for its first invocation.
func (f *Function) InitDurations() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.inits...)
}

// Invoke runs the function once and waits for its answer. What goes wrong in
// the function is a Result with FunctionError. An error means that there is
// no answer: the event is too large, the function was closed, or ctx ended
// first; in that case a handler that has begun goes on, as on AWS.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if len(payload) > MaxPayload {
		return Result{}, fmt.Errorf("functions: the event for %s has %d bytes, the most are %d", f.config.Name, len(payload), MaxPayload)
	}
	inv := newInvocation(payload)
	if err := f.submit(inv); err != nil {
		return Result{}, err
	}
	select {
	case answer := <-inv.answered:
		return answer.result, answer.err
	case <-ctx.Done():
		f.withdraw(inv)
		return Result{}, fmt.Errorf("functions: invoke %s: %w", f.config.Name, ctx.Err())
	}
}

// Close kills the function's sandboxes and returns when nothing of them is
// left. Invocations that run or wait fail with [ErrClosed].
func (f *Function) Close() error {
	f.mu.Lock()
	f.closed = true
	for _, inv := range f.queue {
		inv.fail(ErrClosed)
	}
	f.queue = nil
	for s := range f.sandboxes {
		s.process.Kill()
	}
	f.mu.Unlock()
	f.running.Wait()
	return nil
}

func (f *Function) log(format string, args ...any) {
	f.config.Logs(f.config.Name, fmt.Sprintf(format, args...))
}
