package chaos

import (
	"maps"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// count adds to an observed count, strike to an injected one without a rule.
func (r *run) count(what string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observed[what] += n
}

// most records the maximum of a number.
func (r *run) most(what string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observed[what] = max(r.observed[what], n)
}

func (r *run) strike(what string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.struck[what] += n
}

// injected returns the number of injected faults by kind so far.
func (r *run) injected() map[string]int {
	by := countByKind(r.target.Injector.Counts())
	r.mu.Lock()
	defer r.mu.Unlock()
	for kind, n := range r.struck {
		by[kind] += n
	}
	return by
}

// seen returns the observed counts so far.
func (r *run) seen() map[string]int {
	batches := r.target.Watch.batched()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := maps.Clone(r.observed)
	seen[Batches] = batches
	return seen
}

// sending records a send before it is made, and answered its outcome.
func (r *run) sending(s *Send) *Send {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.SentAt = time.Now()
	r.history.Sends = append(r.history.Sends, s)
	r.observed["sends"]++
	return s
}

func (r *run) answered(s *Send, receipt Receipt, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return
	}
	s.Outcome, s.Code = outcomeOf(err)
	if s.Outcome == Acked {
		s.take(receipt)
	}
	r.observed[string(s.Outcome)]++
}

func (r *run) outcome(s *Send) Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	return s.Outcome
}

func (r *run) notifying(n *Notify) *Notify {
	r.mu.Lock()
	defer r.mu.Unlock()
	n.SentAt = time.Now()
	r.history.Notifies = append(r.history.Notifies, n)
	r.observed["notifies"]++
	return n
}

func (r *run) notifyAnswered(n *Notify, id string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return
	}
	n.Outcome, _ = outcomeOf(err)
	n.ID, n.AckedAt = id, time.Now()
}

// paged records a page that a client read.
func (r *run) paged(device string, before int64, p roomcastclient.Page) {
	page := Page{Device: device, Room: p.RoomID, Before: before, Begin: p.Before}
	for _, m := range p.Messages {
		page.Messages = append(page.Messages, Entry{Seq: m.Seq, ID: m.ID, User: m.UserID, Text: m.Text, Timestamp: m.Timestamp.UnixMilli()})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history.Pages = append(r.history.Pages, page)
	r.observed["pages"]++
}
