package faults

import (
	"fmt"
	"strings"
	"time"
)

// Rule is a fault and the calls that it affects. The zero values mean any call,
// every call, and no fault.
type Rule struct {
	// Name is the rule's name in counts and errors. It is unique in an Injector.
	// Default: "rule" and a number.
	Name string

	// Function, Service, Operation and Resource select calls, with the values of
	// Point. "*" matches any characters. Default: all calls.
	Function, Service, Operation, Resource string

	// Share is the probability of affecting a call, up to 1.
	Share float64
	// Nth affects only the Nth call, counted from 1. Every affects every Nth call.
	// First affects the first calls. At most one of Share, Nth, Every and First is
	// set. Default: all calls.
	Nth, Every, First int
	// From and Until limit the time in which the rule applies, from its activation.
	// Calls outside are not counted. Default: always.
	From, Until time.Duration
	// Limit is the maximum number of affected calls. Default: no limit.
	Limit int

	// Throttle refuses the call with the service's throttling error.
	Throttle bool
	// Status answers with this HTTP status, from 400 to 599. Code and Message are
	// those of the error, also with Throttle. Default: the service's own.
	Status        int
	Code, Message string
	// Reset cuts the caller's connection without an answer.
	Reset bool
	// After makes the call before Throttle, Status or Reset.
	After bool
	// Latency delays the call.
	Latency time.Duration
	// Gone closes the connection that is posted to and answers 410. FalselyGone
	// answers 410 for an open connection.
	Gone, FalselyGone bool
	// LostDisconnect skips $disconnect.
	LostDisconnect bool
	// Kill kills a function's process.
	Kill Moment
	// Duplicate delivers a message of a queue twice.
	Duplicate bool
	// Late delays a message of a queue.
	Late time.Duration
	// ApplyLate answers with Throttle, Status or Reset immediately, and makes the
	// write this much later. It applies to writes only.
	ApplyLate time.Duration
	// Partial processes a part of a batch, and answers that the rest was not
	// processed. It applies to batches only.
	Partial bool
	// Lost answers 200 to PostToConnection, and the client never gets the message.
	Lost bool
	// EarlyDisconnect calls $disconnect while $connect is still running, and
	// cuts the client's handshake.
	EarlyDisconnect bool
	// Freeze stops a function's process for this long: during its work or, with
	// After, after its response.
	Freeze time.Duration
	// Clock sets the clock of a function's process wrong: ahead, or behind if
	// negative. ClockWithin does so by up to this much in either direction; the
	// seed decides for each process.
	Clock, ClockWithin time.Duration
	// Undeleted keeps messages in their queue that a function has processed. They
	// return after the visibility timeout.
	Undeleted bool
}

// maxClockError is the maximum of Clock and ClockWithin. AWS refuses signatures
// that are more than five minutes old long before that.
const maxClockError = 24 * time.Hour

// fieldError is an error about a field of a rule.
type fieldError struct{ field, reason string }

func (e *fieldError) Error() string { return e.field + ": " + e.reason }

func wrong(field, format string, args ...any) error {
	return &fieldError{field, fmt.Sprintf(format, args...)}
}

// check refuses a rule that contradicts itself or can never match: a rule that
// silently injects nothing is worse than none.
func (r Rule) check() error {
	if err := r.checkWhen(); err != nil {
		return err
	}
	return r.checkFault()
}

func (r Rule) checkWhen() error {
	counts := []struct {
		field string
		n     int
	}{{"Nth", r.Nth}, {"Every", r.Every}, {"First", r.First}, {"Limit", r.Limit}}
	var chosen []string
	if r.Share != 0 {
		chosen = append(chosen, "Share")
	}
	for _, c := range counts {
		if c.n < 0 {
			return wrong(c.field, "invalid count %d: expected at least 1", c.n)
		}
		if c.n > 0 && c.field != "Limit" {
			chosen = append(chosen, c.field)
		}
	}
	switch {
	case !(r.Share >= 0 && r.Share <= 1): // written so that it catches NaN
		return wrong("Share", "invalid probability %v: expected 0 to 1", r.Share)
	case len(chosen) > 1:
		return wrong(chosen[1], "it excludes %s: remove one of them", chosen[0])
	case r.From < 0:
		return wrong("From", "invalid time %v: expected 0 or more", r.From)
	case r.Until < 0 || r.Until > 0 && r.Until <= r.From:
		return wrong("Until", "invalid time %v: expected a time after %v, when the window begins", r.Until, r.From)
	}
	return nil
}

func (r Rule) checkFault() error {
	fails := r.Throttle || r.Status != 0 || r.Reset
	switch {
	case r.Status != 0 && (r.Status < 400 || r.Status > 599):
		return wrong("Status", "invalid status %d: expected 400 to 599", r.Status)
	case r.Throttle && r.Status != 0:
		return wrong("Status", "it excludes Throttle, which has its own status: remove one of them")
	case r.Reset && (r.Throttle || r.Status != 0):
		return wrong("Reset", "a cut connection has no answer: remove Throttle and Status")
	case (r.Code != "" || r.Message != "") && !r.Throttle && r.Status == 0:
		return wrong("Code", "there is no error for it: set Status or Throttle")
	case r.After && !fails && r.Freeze == 0:
		return wrong("After", "it needs something that happens after the call: set Throttle, Status, Reset or Freeze")
	case r.ApplyLate > 0 && !fails:
		return wrong("ApplyLate", "it needs an answer before the call: set Throttle, Status or Reset")
	case r.ApplyLate > 0 && r.After:
		return wrong("ApplyLate", "it excludes After, which makes the call before the answer: remove one of them")
	case r.Gone && r.FalselyGone:
		return wrong("FalselyGone", "it excludes Gone: remove one of them")
	case (r.Gone || r.FalselyGone) && fails:
		return wrong("Gone", "it answers 410: remove Throttle, Status and Reset")
	case r.Clock != 0 && r.ClockWithin != 0:
		return wrong("ClockWithin", "it excludes Clock: remove one of them")
	case max(r.Clock, -r.Clock, r.ClockWithin) > maxClockError:
		return wrong("Clock", "invalid clock error: expected at most %v", maxClockError)
	}
	for _, d := range []struct {
		field string
		time  time.Duration
	}{{"Latency", r.Latency}, {"Late", r.Late}, {"ApplyLate", r.ApplyLate}, {"Freeze", r.Freeze}, {"ClockWithin", r.ClockWithin}} {
		if d.time < 0 {
			return wrong(d.field, "%v is negative", d.time)
		}
	}
	if r.Kill != Never && r.Kill != Before && r.Kill != During && r.Kill != After {
		return wrong("Kill", "invalid moment %q: expected before, during or after", r.Kill)
	}
	return r.checkPlace()
}

// matches reports whether the rule's patterns match a call. The fault may still be
// impossible there.
func (r *Rule) matches(p Point) bool {
	return glob(r.Service, p.Service) && glob(r.Operation, p.Operation) &&
		glob(r.Function, p.Function) && glob(r.Resource, p.Resource)
}

// glob matches a whole text. "*" matches any characters, and "" matches every text.
func glob(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, head)
	if !ok {
		return false
	}
	for {
		part, more, star := strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], more
	}
}
