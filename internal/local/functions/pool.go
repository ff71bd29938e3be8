package functions

import (
	"runtime"
	"slices"
	"time"
)

// startLimit is how many sandboxes of a function start concurrently. More would
// only slow each other down, while existing sandboxes could do the work.
var startLimit = max(4, 2*runtime.GOMAXPROCS(0))

func (f *Function) submit(inv *invocation) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrClosed
	}
	if limit := f.config.Reserved; limit != nil && f.inFlight >= *limit {
		return throttled()
	}
	f.inFlight++
	f.queue = append(f.queue, inv)
	f.schedule()
	return nil
}

// withdraw removes an invocation that still waits for a sandbox.
func (f *Function) withdraw(inv *invocation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.queue, inv); i >= 0 {
		f.queue = slices.Delete(f.queue, i, i+1)
		f.inFlight--
	}
}

// answer completes an invocation, unless it was completed before, and meters what
// is billed. f.mu is held.
func (f *Function) answer(inv *invocation, payload []byte, functionError string) {
	if inv.done {
		return
	}
	r := inv.result(payload, functionError)
	f.inFlight--
	// Lambda bills the start of a sandbox as part of its first invocation.
	f.config.Meter.Invocation(f.config.Label, f.config.MemoryMB, r.Duration+r.InitDuration, r.InitDuration)
	f.config.Meter.Log(f.config.Label, f.config.Logging.platformBytes(f.config.MemoryMB, r))
	inv.deliver(answer{result: r})
}

// schedule passes waiting invocations to idle sandboxes and starts sandboxes for
// the rest. It does not start sandboxes for invocations that sandboxes will soon be
// idle for, so a sequential caller never needs a second one. f.mu is held.
func (f *Function) schedule() {
	for len(f.queue) > 0 && len(f.idle) > 0 {
		last := len(f.idle) - 1
		s := f.idle[last]
		f.idle = f.idle[:last]
		s.assign(f.dequeue())
	}
	for f.starting < min(len(f.queue)-f.finishing, startLimit) && f.total < f.config.MaxConcurrency {
		f.starting++
		f.total++
		f.running.Add(1)
		go f.runSandbox()
	}
}

// dequeue returns the oldest waiting invocation. f.mu is held.
func (f *Function) dequeue() *invocation {
	inv := f.queue[0]
	f.queue[0] = nil
	f.queue = f.queue[1:]
	return inv
}

// runSandbox starts a sandbox and waits for its end.
func (f *Function) runSandbox() {
	defer f.running.Done()
	s, err := launch(f)
	if err != nil {
		f.log("%v", err)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.starting--
		f.total--
		f.failFirst(func(requestID string) []byte { return invalidEntrypoint(requestID, err) })
		f.schedule()
		return
	}

	f.mu.Lock()
	f.sandboxes[s] = struct{}{}
	if f.closed {
		s.process.Kill()
	}
	f.mu.Unlock()
	<-s.process.Done()
	s.close()
	if report := f.bury(s); report != nil {
		f.log("%s", report)
	}
}

// bury removes a sandbox whose process has ended. It answers the invocation that is
// left without an answer: the one in progress or, if the process never started
// working, the first waiting one. It returns that answer, or nil.
func (f *Function) bury(s *sandbox) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sandboxes, s)
	f.total--
	f.idle = slices.DeleteFunc(f.idle, func(other *sandbox) bool { return other == s })
	was := s.state
	s.state = dead
	s.deadline.Stop()
	var report []byte
	switch was {
	case starting:
		f.starting--
		report = f.failFirst(s.initFailure)
	case busy:
		if f.closed {
			s.current.deliver(answer{err: ErrClosed})
			break
		}
		report = exited(s.current.id, s.process.Err())
		f.answer(s.current, report, unhandled)
	case finishing:
		f.finishing--
	}
	f.schedule()
	return report
}

// failFirst answers the oldest waiting invocation with an initialisation error and
// returns the answer, or nil if none waits.
func (f *Function) failFirst(payload func(requestID string) []byte) []byte {
	if len(f.queue) == 0 {
		return nil
	}
	inv := f.dequeue()
	report := payload(inv.id)
	f.answer(inv, report, unhandled)
	return report
}

// ready marks a sandbox as idle when it requests its next invocation. It reports
// false if the request is not allowed: its invocation has no answer yet, its
// initialisation has failed, or it is being removed.
func (f *Function) ready(s *sandbox) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch s.state {
	case starting:
		if s.initError != nil {
			return false // it is being killed
		}
		s.init = time.Since(s.started)
		f.starting--
	case busy:
		return false
	case abandoned:
		s.process.Kill()
		return false
	case finishing:
		f.finishing--
		s.current = nil
	case resting:
		s.current = nil
	default: // a second request on another connection
		return true
	}
	s.deadline.Stop()
	s.state = idle
	f.idle = append(f.idle, s)
	f.schedule()
	return true
}
