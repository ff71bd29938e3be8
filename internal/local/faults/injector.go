package faults

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Injector holds the faults of a run. A nil Injector injects nothing. Its
// methods may be called from any goroutine.
type Injector struct {
	seed uint64
	now  func() time.Time

	// inForce is what At looks at, without a lock: most runs have no rules,
	// and the gateway asks with every post.
	inForce atomic.Pointer[[]*Injection]

	mu    sync.Mutex
	begun bool
	all   []*Injection // in the order they are asked, removed ones too
}

// New returns an Injector without rules. The seed decides the chance of its
// rules. Nothing is injected before Begin.
func New(seed uint64) *Injector { return &Injector{seed: seed, now: time.Now} }

// Add adds a rule after those that are there. The error says which field of
// the rule is wrong.
func (i *Injector) Add(r Rule) (*Injection, error) { return i.insert(r, false) }

// AddFirst is Add for a rule that takes calls before those that are there do.
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
		return nil, wrong("Name", "another rule is called %q too: rename one of them", r.Name)
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

// Begin puts the rules that have been added in force. The windows of their
// From and Until are measured from now; those of rules added later from then.
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

// publish lets At see what has changed. It is called with mu held.
func (i *Injector) publish() {
	var rules []*Injection
	for _, r := range i.all {
		if i.begun && !r.removed {
			rules = append(rules, r)
		}
	}
	i.inForce.Store(&rules)
}

// At returns what goes wrong at p. It is the fault of the first rule that
// applies; every rule that concerns p counts it all the same, so that what one
// rule decides does not depend on the others.
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

// Unmatched returns the rules that name functions of which none is among these:
// they will never apply.
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

// Count is what a rule has done.
type Count struct {
	// Rule is its name.
	Rule string `json:"rule"`
	// Matched are the calls that it concerned, Injected those that it befell.
	Matched  int `json:"matched"`
	Injected int `json:"injected"`
}

// Counts returns what each rule has done so far, in the order in which they
// are asked; removed ones too.
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
