package functions

import (
	"context"
	"time"
)

// freezing is how a fault freezes the sandbox of an invocation. Lambda freezes
// sandboxes whenever they have no invocation, and now and then a machine stops
// for a while with all that is on it: requests that were on their way arrive,
// and what was to be done next is done when the sandbox thaws, as if no time had
// passed.
type freezing struct {
	lasts time.Duration // 0: not, or not any more
	after bool          // once it has answered, not in the middle of its work
}

func (f freezing) during() bool { return f.lasts > 0 && !f.after }

// freezeDuring freezes the sandbox if it still works on the invocation.
func (s *sandbox) freezeDuring(inv *invocation) {
	s.function.mu.Lock()
	defer s.function.mu.Unlock()
	if s.state == busy && s.current == inv && inv.freeze.during() {
		s.freeze()
	}
}

// freeze stops the process for as long as its invocation's fault says. The
// function's lock is held.
func (s *sandbox) freeze() {
	lasts := s.current.freeze.lasts
	s.current.freeze = freezing{}
	s.thawed = make(chan struct{})
	s.process.Suspend()
	time.AfterFunc(lasts, s.thaw)
}

// awaitThaw waits until a frozen sandbox thaws: its process may run on for a
// moment after it was told to stop, on another processor, and ask for its next
// invocation. It reports false if the request ends first.
func (s *sandbox) awaitThaw(ctx context.Context) bool {
	s.function.mu.Lock()
	thawed := s.thawed
	s.function.mu.Unlock()
	if thawed == nil {
		return true
	}
	select {
	case <-thawed:
		return true
	case <-ctx.Done():
		return false
	}
}

// thaw lets the process go on. When its invocation has timed out meanwhile,
// what it still does is done, and nobody hears of it: it has the function's
// timeout for that, and is killed with the end of its work. On AWS it would have
// been killed with the timeout, and only what another machine had taken on by
// then could still happen. That is as late, so one fault stands for both.
func (s *sandbox) thaw() {
	f := s.function
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.state == dead {
		return
	}
	defer close(s.thawed)
	s.thawed = nil
	s.process.Resume()
	switch {
	case s.held != nil:
		s.held()
		s.held = nil
	case s.state == resting:
		s.deadline.Reset(f.config.Timeout)
	case s.state == abandoned:
		s.deadline = time.AfterFunc(f.config.Timeout, s.process.Kill)
	}
}
