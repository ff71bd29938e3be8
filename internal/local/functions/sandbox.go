package functions

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/childproc"
	"github.com/roomcast/roomcast/internal/local/faults"
)

const (
	// initTimeout is Lambda's time limit for initialising a sandbox.
	initTimeout = 10 * time.Second
	// maxLogLine is CloudWatch Logs' maximum size of an event, in bytes.
	maxLogLine = 256 << 10
	// killDelay is how long a function works before a fault kills it during its
	// work.
	killDelay = 5 * time.Millisecond
)

type state int

const (
	starting state = iota // until it requests its first invocation
	idle
	busy      // from receiving an invocation until its response
	finishing // from the response until the next request
	resting   // finishing, and frozen meanwhile: it is not idle soon
	abandoned // its invocation was answered for it; it ends after its work
	dead
)

// sandbox is a process and its Runtime API.
type sandbox struct {
	function *Function
	process  *childproc.Process
	server   *http.Server
	address  string // of the Runtime API
	output   *childproc.Lines
	started  time.Time
	// launched is closed when the fields above are set: the process may make its
	// first request before that.
	launched chan struct{}
	// next has the invocation for the process's next request.
	next chan *invocation

	// Guarded by the function's lock:
	state     state
	init      time.Duration // 0 until known, and after it was reported
	current   *invocation   // the current invocation; kept until the next request
	initError []byte        // the reported error of a failed initialisation
	timedOut  bool          // it was killed because its initialisation took too long
	deadline  *time.Timer   // kills it
	thawed    chan struct{} // closed when it thaws; nil while it is not frozen
	held      func()        // what it answered and is not heard before it thaws
}

// launch starts a sandbox's process.
func launch(f *Function) (*sandbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the runtime api: %w", err)
	}
	s := &sandbox{
		function: f,
		address:  listener.Addr().String(),
		launched: make(chan struct{}),
		next:     make(chan *invocation, 1),
		output:   childproc.NewLines(maxLogLine, f.writeOutput),
	}
	s.server = &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.server.Serve(listener) }() // until close

	cmd := exec.Command(f.program.path, f.program.args...)
	cmd.Dir = f.config.Dir
	cmd.Env = append(slices.Clip(f.environment),
		"AWS_LAMBDA_RUNTIME_API="+s.address,
		"AWS_LAMBDA_LOG_STREAM_NAME="+logStream())
	// One writer for both: their lines keep their order and never mix.
	cmd.Stdout, cmd.Stderr = s.output, s.output

	defer close(s.launched)
	s.started = time.Now()
	if s.process, err = f.startProcess(cmd); err != nil {
		_ = s.server.Close()
		return nil, err
	}
	s.deadline = time.AfterFunc(initTimeout, s.initTooLong)
	return s, nil
}

// assign gives an idle sandbox an invocation. The function's lock is held.
func (s *sandbox) assign(inv *invocation) {
	s.state, s.current = busy, inv
	inv.begin(s.function.config.Timeout, s.init)
	s.init = 0
	s.deadline = time.AfterFunc(s.function.config.Timeout, func() { s.tooLong(inv) })
	switch inv.kill {
	case faults.Before:
		s.process.Kill()
		return
	case faults.During:
		time.AfterFunc(killDelay, func() { s.killDuring(inv) })
	}
	if inv.freeze.during() {
		time.AfterFunc(killDelay, func() { s.freezeDuring(inv) })
	}
	s.next <- inv
}

// killDuring kills the sandbox if it still works on the invocation.
func (s *sandbox) killDuring(inv *invocation) {
	s.function.mu.Lock()
	defer s.function.mu.Unlock()
	if s.state == busy && s.current == inv {
		s.process.Kill()
	}
}

// finish answers the invocation that the sandbox works on, unless that has
// been done. A sandbox that is to be killed dies with the answer: what its
// end leaves to say is said by bury. The function's lock is held.
func (s *sandbox) finish(payload []byte, functionError string) {
	if s.state != busy {
		return
	}
	if s.current.kill != faults.Never {
		s.process.Kill()
		return
	}
	if s.current.freeze.during() { // it is through with its work sooner
		s.freeze()
	}
	if s.thawed != nil {
		s.held = func() { s.complete(payload, functionError) }
		return
	}
	s.complete(payload, functionError)
}

// complete hands over the answer. The function's lock is held.
func (s *sandbox) complete(payload []byte, functionError string) {
	f := s.function
	f.answer(s.current, payload, functionError)
	if s.current.freeze.lasts > 0 {
		s.state = resting
		s.freeze()
		return
	}
	s.state = finishing
	f.finishing++
}

// tooLong kills the sandbox when its invocation has reached the timeout. One
// that is frozen lives on, unheard.
func (s *sandbox) tooLong(inv *invocation) {
	f := s.function
	f.mu.Lock()
	unanswered := s.state == busy && s.current == inv
	switch {
	case s.current != inv || s.state == dead:
	case s.thawed != nil && s.state == resting: // its time begins when it thaws
	case s.thawed != nil:
		s.state, s.held = abandoned, nil
		f.answer(inv, timedOut(inv.id, f.config.Timeout), unhandled)
	default:
		inv.kill = faults.Never // it has come too late for its fault
		inv.freeze = freezing{}
		s.finish(timedOut(inv.id, f.config.Timeout), unhandled)
		s.process.Kill()
	}
	if unanswered {
		f.running.Add(1) // Close waits for the line
		defer f.running.Done()
	}
	f.mu.Unlock()
	if unanswered {
		f.log("%s %s Task timed out after %.2f seconds",
			time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), inv.id, f.config.Timeout.Seconds())
	}
}

func (s *sandbox) initTooLong() {
	<-s.launched
	s.function.mu.Lock()
	defer s.function.mu.Unlock()
	if s.state == starting {
		s.timedOut = true
		s.process.Kill()
	}
}

// initFailure tells why the sandbox never came to work. Its process has ended.
func (s *sandbox) initFailure(requestID string) []byte {
	switch {
	case s.initError != nil:
		return s.initError
	case s.timedOut:
		return timedOut(requestID, initTimeout)
	default:
		return exited(requestID, s.process.Err())
	}
}

// close frees what the sandbox holds besides its process.
func (s *sandbox) close() {
	_ = s.server.Close()
	_ = s.output.Close()
}
