package faults

import (
	"fmt"
	"strings"
	"time"
)

// Rule is a fault with the calls that it befalls. Its zero values mean: any
// call, each of them, nothing.
type Rule struct {
	// Name is how counts and errors call the rule. No two rules of an Injector
	// share one. Default: "rule" and a number.
	Name string

	// Function, Service, Operation and Resource say which calls the rule
	// concerns, in the words of Point. "*" stands for any characters.
	// Default: any.
	Function, Service, Operation, Resource string

	// Share is the probability, up to 1, with which each call is befallen.
	Share float64
	// Nth befalls that one call, counted from 1; Every each so manieth; First
	// so many at the beginning. At most one of Share, Nth, Every and First is
	// set. Default: every call.
	Nth, Every, First int
	// From and Until bound the time in which the rule applies, measured from
	// when it comes into force. Calls outside of it are not counted either.
	// Default: from the beginning, for good.
	From, Until time.Duration
	// Limit is how many calls are befallen at most. Default: no limit.
	Limit int

	// Throttle refuses the call as its service does when it is called too
	// often.
	Throttle bool
	// Status answers with this HTTP status, from 400 to 599. Code and Message
	// are the error's, also that of Throttle. Default: those of the service.
	Status        int
	Code, Message string
	// Reset cuts the caller's connection without an answer.
	Reset bool
	// After lets the call be made before Throttle, Status or Reset.
	After bool
	// Latency is waited before the call.
	Latency time.Duration
	// Gone closes the connection that is posted to and answers 410.
	// FalselyGone answers 410 for a connection that is open.
	Gone, FalselyGone bool
	// LostDisconnect leaves $disconnect out.
	LostDisconnect bool
	// Kill ends a function's process.
	Kill Moment
	// Duplicate delivers a message of a queue twice.
	Duplicate bool
	// Late holds a message of a queue back for so long.
	Late time.Duration
	// ApplyLate answers with Throttle, Status or Reset at once, and makes the
	// write all the same, so much later. It applies to writes only.
	ApplyLate time.Duration
	// Partial carries out a part of a batch, and answers that the rest was not.
	// It applies to batches only.
	Partial bool
	// Lost answers 200 to PostToConnection, and the client never gets the
	// message.
	Lost bool
	// EarlyDisconnect calls $disconnect while $connect is still running, and
	// cuts the client's handshake.
	EarlyDisconnect bool
	// Freeze stops a function's process in the middle of its work for so long;
	// with After, once it has answered.
	Freeze time.Duration
	// Clock sets the clock of a function's process wrong by so much: ahead, or
	// behind when it is negative. ClockWithin does so by up to so much, either
	// way: the seed decides for each process.
	Clock, ClockWithin time.Duration
	// Undeleted leaves messages in their queue that a function has processed:
	// they come again after the visibility timeout.
	Undeleted bool
}

// maxClockError bounds Clock and ClockWithin: AWS refuses calls that are signed
// more than five minutes ago long before that.
const maxClockError = 24 * time.Hour

// fieldError is what is wrong with a rule's field.
type fieldError struct{ field, reason string }

func (e *fieldError) Error() string { return e.field + ": " + e.reason }

func wrong(field, format string, args ...any) error {
	return &fieldError{field, fmt.Sprintf(format, args...)}
}

// check refuses a rule that contradicts itself, or that nothing would ever
// match: one that is believed to inject and does not is worse than none.
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
			return wrong(c.field, "%d is no count: choose 1 or more", c.n)
		}
		if c.n > 0 && c.field != "Limit" {
			chosen = append(chosen, c.field)
		}
	}
	switch {
	case !(r.Share >= 0 && r.Share <= 1): // written so that it catches NaN
		return wrong("Share", "%v is no probability: choose one from 0 to 1", r.Share)
	case len(chosen) > 1:
		return wrong(chosen[1], "%s is given too: choose one of them", chosen[0])
	case r.From < 0:
		return wrong("From", "%v is before the beginning", r.From)
	case r.Until < 0 || r.Until > 0 && r.Until <= r.From:
		return wrong("Until", "%v is not after %v, when the window opens", r.Until, r.From)
	}
	return nil
}

func (r Rule) checkFault() error {
	fails := r.Throttle || r.Status != 0 || r.Reset
	switch {
	case r.Status != 0 && (r.Status < 400 || r.Status > 599):
		return wrong("Status", "%d is no error: choose 400 to 599", r.Status)
	case r.Throttle && r.Status != 0:
		return wrong("Status", "Throttle is given too, which has a status of its own: choose one of them")
	case r.Reset && (r.Throttle || r.Status != 0):
		return wrong("Reset", "a connection that is cut carries no answer: leave out Throttle and Status")
	case (r.Code != "" || r.Message != "") && !r.Throttle && r.Status == 0:
		return wrong("Code", "there is no error that it could be of: give a Status or Throttle")
	case r.After && !fails && r.Freeze == 0:
		return wrong("After", "it needs what happens after the call: Throttle, Status, Reset or Freeze")
	case r.ApplyLate > 0 && !fails:
		return wrong("ApplyLate", "it needs what is answered before the call is made: give Throttle, Status or Reset")
	case r.ApplyLate > 0 && r.After:
		return wrong("ApplyLate", "After is given too, which makes the call before the answer: choose one of them")
	case r.Gone && r.FalselyGone:
		return wrong("FalselyGone", "Gone is given too: choose one of them")
	case (r.Gone || r.FalselyGone) && fails:
		return wrong("Gone", "it answers 410: leave out Throttle, Status and Reset")
	case r.Clock != 0 && r.ClockWithin != 0:
		return wrong("ClockWithin", "Clock is given too: choose one of them")
	case max(r.Clock, -r.Clock, r.ClockWithin) > maxClockError:
		return wrong("Clock", "a clock can be wrong by %v at most", maxClockError)
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
		return wrong("Kill", "%q is no moment: choose before, during or after", r.Kill)
	}
	return r.checkPlace()
}

// matches says whether the rule concerns a call. Patterns that match still
// leave the question whether the fault can happen there.
func (r *Rule) matches(p Point) bool {
	return glob(r.Service, p.Service) && glob(r.Operation, p.Operation) &&
		glob(r.Function, p.Function) && glob(r.Resource, p.Resource)
}

// glob matches a whole text; "*" stands for any characters, "" for any text.
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
