package faults

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Injector has the faults of a run. A nil Injector injects nothing. Its methods may
// be called from any goroutine.
type Injector struct {
	seed uint64
	now  func() time.Time

	// inForce has the active rules. At reads it without a lock, because most runs
	// have no rules and the gateway calls At for every post.
	inForce atomic.Pointer[[]*Injection]

	mu    sync.Mutex
	begun bool
	all   []*Injection // in the order of evaluation, including removed ones
}

// New returns an Injector without rules. The seed determines the random decisions.
// Nothing is injected before Begin.
func New(seed uint64) *Injector { return &Injector{seed: seed, now: time.Now} }

// Add adds a rule after the existing ones. Errors name the invalid field of the
// rule.
func (i *Injector) Add(r Rule) (*Injection, error) { return i.insert(r, false) }

// AddFirst adds a rule before the existing ones.
func (i *Injector) AddFirst(r Rule) (*Injection, error) { return i.insert(r, true) }

func (i *Injector) insert(r Rule, first bool) (*Injection, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if r.Name == "" {
		r.Name = fmt.Sprint("rule ", len(i.all)+1)
	}
	if slices.ContainsFunc(i.all, func(other *Injection) bool { return other.rule.Name == r.Name }) {
		return nil, wrong("Name", "duplicate rule name %q: rename one of the two rules", r.Name)
	}
	made := newInjection(i, r)
	made.since = i.now()
	at := len(i.all)
	if first {
		at = 0
	}
	i.all = slices.Insert(i.all, at, made)
	i.publish()
	return made, nil
}

// Begin activates the rules. The windows of their From and Until begin now; those
// of rules added later begin when they are added.
func (i *Injector) Begin() {
	if i == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.begun = true
	for _, r := range i.all {
		r.begin(i.now())
	}
	i.publish()
}

// publish makes changes visible to At. mu is held.
func (i *Injector) publish() {
	var rules []*Injection
	for _, r := range i.all {
		if i.begun && !r.removed {
			rules = append(rules, r)
		}
	}
	i.inForce.Store(&rules)
}

// At returns the fault for a call: that of the first rule that applies. Every
// matching rule counts the call, so that the decisions of one rule do not depend on
// others.
func (i *Injector) At(p Point) Fault {
	if i == nil {
		return Fault{}
	}
	rules := i.inForce.Load()
	if rules == nil || len(*rules) == 0 {
		return Fault{}
	}
	var winner *Injection
	where, now := placeOf(p), i.now()
	for _, r := range *rules {
		if r.concerns(p, where) && r.decide(now, winner != nil) {
			winner = r
		}
	}
	if winner == nil {
		return Fault{}
	}
	return winner.fault(p)
}

// Unmatched returns the rules whose function pattern matches none of these
// functions. They never apply.
func (i *Injector) Unmatched(functions []string) []Rule {
	if i == nil {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	var rules []Rule
	for _, r := range i.all {
		if !slices.ContainsFunc(functions, func(name string) bool { return glob(r.rule.Function, name) }) && r.rule.Function != "" {
			rules = append(rules, r.rule)
		}
	}
	return rules
}

// Count is the result of a rule.
type Count struct {
	// Rule is the rule's name.
	Rule string `json:"rule"`
	// Matched is how many calls the rule matched. Injected is how many of them it
	// affected.
	Matched  int `json:"matched"`
	Injected int `json:"injected"`
}

// Counts returns the results of all rules so far, in the order of evaluation,
// including removed ones.
func (i *Injector) Counts() []Count {
	if i == nil {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	counts := make([]Count, len(i.all))
	for n, r := range i.all {
		counts[n] = r.count()
	}
	return counts
}
