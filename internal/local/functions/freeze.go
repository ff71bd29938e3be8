package functions

import (
	"context"
	"time"
)

// freezing is how a fault freezes an invocation's sandbox. Lambda freezes sandboxes
// between invocations, and sometimes a whole machine stops for a while. Requests
// that were sent arrive. When the sandbox thaws, it continues as if no time had
// passed.
type freezing struct {
	lasts time.Duration // 0: not frozen, or not any more
	after bool          // after it has answered, not during its work
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

// freeze stops the process for the duration of its invocation's fault. The
// function's lock is held.
func (s *sandbox) freeze() {
	lasts := s.current.freeze.lasts
	s.current.freeze = freezing{}
	s.thawed = make(chan struct{})
	s.process.Suspend()
	time.AfterFunc(lasts, s.thaw)
}

// awaitThaw waits until a frozen sandbox thaws. Its process may run on another CPU
// for a moment after the stop signal, and request its next invocation. It reports
// false if the request ends first.
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

// thaw continues the process. If its invocation has timed out meanwhile, the
// process may finish its work for as long as the function's timeout, without any
// effect on the caller, and is then killed. On AWS it would have been killed at the
// timeout, and only calls that another machine had received could still take
// effect, equally late. So one fault stands for both.
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
