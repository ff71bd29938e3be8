package engines

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/childproc"
	"github.com/roomcast/roomcast/internal/tail"
)

// Kind is a service with an engine, by its name in a SigV4 credential scope.
type Kind string

// The engines.
const (
	DynamoDB Kind = "dynamodb"
	SQS      Kind = "sqs"
)

// program returns the npm package of the service's default engine.
func (k Kind) program() string {
	if k == SQS {
		return "fauxqs"
	}
	return "dynalite"
}

const (
	// startTimeout is generous. A laptop that builds something at the same time
	// still starts an engine in a few seconds.
	startTimeout = 60 * time.Second
	// maxLine is the maximum length of a line of output, in bytes.
	maxLine = 4 << 10
	// keptBytes is how much of an engine's last output an error quotes.
	keptBytes = 2 << 10
)

// Engine is a running engine.
type Engine struct {
	kind     Kind
	name     string // the program's name
	endpoint string
	process  *childproc.Process // nil for an engine that was already running
	stdin    io.Closer
	output   *tail.Buffer // the end of its output
	ended    chan struct{}
	failed   chan error
	closing  sync.Once
	closed   chan struct{}
}

// Start starts an empty engine on a free port of 127.0.0.1 and waits until it
// listens. Several may run concurrently. Cancelling ctx ends the start, not a
// running engine: [Engine.Close] does that.
func (i *Installation) Start(ctx context.Context, kind Kind) (*Engine, error) {
	cmd := exec.Command(i.node, filepath.Join(i.dir, string(kind)+".mjs"))
	cmd.Dir = i.dir
	return launch(ctx, kind, kind.program(), cmd)
}

// launch starts an engine's program. The program must print its port as a line of
// JSON, and end when its stdin is closed.
func launch(ctx context.Context, kind Kind, name string, cmd *exec.Cmd) (*Engine, error) {
	e := &Engine{
		kind: kind, name: name, output: tail.New(keptBytes),
		ended: make(chan struct{}), failed: make(chan error, 1), closed: make(chan struct{}),
	}
	ports := make(chan int, 1)
	cmd.Stdout = childproc.NewLines(maxLine, func(line string) { e.announced(line, ports) })
	cmd.Stderr = e.output
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("engines: start %s: %w", name, err)
	}
	e.stdin = stdin
	if e.process, err = childproc.Start(cmd); err != nil {
		return nil, fmt.Errorf("engines: start %s: %w", name, err)
	}
	go e.watch()
	if err := e.await(ctx, ports); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// announced handles a line of the engine's stdout: its port, or output that may
// explain a failure.
func (e *Engine) announced(line string, ports chan<- int) {
	var hello struct {
		Port int `json:"port"`
	}
	if json.Unmarshal([]byte(line), &hello) != nil || hello.Port == 0 {
		fmt.Fprintln(e.output, line)
		return
	}
	select {
	case ports <- hello.Port:
	default:
	}
}

func (e *Engine) await(ctx context.Context, ports <-chan int) error {
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	select {
	case port := <-ports:
		e.endpoint = fmt.Sprintf("http://127.0.0.1:%d", port)
		return nil
	case err := <-e.failed:
		return fmt.Errorf("%w; if this persists, remove the folder roomcast in your cache directory and try again", err)
	case <-timeout.C:
		return fmt.Errorf("engines: %s did not start within %s; %s", e.name, startTimeout, e.lastWords())
	case <-ctx.Done():
		return fmt.Errorf("engines: start %s: %w", e.name, ctx.Err())
	}
}

// watch reports the end of the engine unless it was closed.
func (e *Engine) watch() {
	defer close(e.ended)
	<-e.process.Done()
	select {
	case <-e.closed:
		return
	default:
	}
	how := "exit status 0"
	if err := e.process.Err(); err != nil {
		how = err.Error()
	}
	e.failed <- fmt.Errorf("engines: %s, the local %s, ended unexpectedly (%s); %s",
		e.name, e.kind, how, e.lastWords())
}

func (e *Engine) lastWords() string {
	if words := e.output.String(); words != "" {
		return "its last output:\n" + words
	}
	return "it had no output"
}

// Kind returns the engine's service.
func (e *Engine) Kind() Kind { return e.kind }

// Name returns the name of the engine's program, such as "dynalite".
func (e *Engine) Name() string { return e.name }

// Endpoint returns the engine's URL: scheme, 127.0.0.1 and port.
func (e *Engine) Endpoint() string { return e.endpoint }

// Pid returns the engine's process ID, or 0 if the engine was already running.
func (e *Engine) Pid() int {
	if e.process == nil {
		return 0
	}
	return e.process.Pid()
}

// Failed receives one error if the engine ends without being closed. It quotes the
// engine's last output.
func (e *Engine) Failed() <-chan error { return e.failed }

// Close ends the engine with all its data and waits for its end. It leaves an
// engine that was already running alone. It may be called again.
func (e *Engine) Close() {
	e.closing.Do(func() {
		close(e.closed)
		if e.process == nil {
			close(e.ended)
			return
		}
		e.process.Kill()
		_ = e.stdin.Close()
	})
	<-e.ended
}
