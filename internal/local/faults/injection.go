package faults

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Injection is a rule of an Injector.
type Injection struct {
	injector *Injector
	rule     Rule
	places   []place
	// operations are the operations that the fault can affect; nil for all.
	operations []string
	removed    bool // guarded by the injector's mu

	mu       sync.Mutex
	random   *rand.Rand // decides about Share
	values   *rand.Rand // decides about the random parts of a fault
	since    time.Time
	matched  int
	injected int
}

// newInjection seeds the rule's random decisions by its name, so that adding or
// removing another rule does not change them.
func newInjection(i *Injector, r Rule) *Injection {
	name := fnv.New64a()
	name.Write([]byte(r.Name))
	share := rand.NewPCG(i.seed, name.Sum64())
	name.Write([]byte(" values"))
	return &Injection{
		injector: i, rule: r, places: r.places(), operations: r.operations(),
		random: rand.New(share), values: rand.New(rand.NewPCG(i.seed, name.Sum64())),
	}
}

// Name is the rule's name.
func (r *Injection) Name() string { return r.rule.Name }

// Count returns how many calls the rule has affected.
func (r *Injection) Count() int { return r.count().Injected }

// Remove removes the rule. Removing it again does nothing.
func (r *Injection) Remove() {
	r.injector.mu.Lock()
	defer r.injector.mu.Unlock()
	r.removed = true
	r.injector.publish()
}

func (r *Injection) count() Count {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Count{Rule: r.rule.Name, Matched: r.matched, Injected: r.injected}
}

func (r *Injection) begin(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since = at
}

func (r *Injection) concerns(p Point, where place) bool {
	return slices.Contains(r.places, where) && r.rule.matches(p) &&
		(r.operations == nil || slices.Contains(r.operations, p.Operation))
}

// fault returns the fault of the rule for a call.
func (r *Injection) fault(p Point) Fault {
	f := r.rule.fault(p)
	if within := r.rule.ClockWithin; within > 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		f.Clock = time.Duration(r.values.Int64N(2*int64(within)+1)) - within
	}
	return f
}

// decide counts a call and reports whether the rule affects it. It does not if
// another rule has taken the call. The random number is drawn in any case, so the
// decision about the n-th call depends only on the seed and n.
func (r *Injection) decide(now time.Time, taken bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	age := now.Sub(r.since)
	if age < r.rule.From || r.rule.Until > 0 && age >= r.rule.Until {
		return false
	}
	r.matched++
	if !r.chosen() || taken || r.rule.Limit > 0 && r.injected >= r.rule.Limit {
		return false
	}
	r.injected++
	return true
}

func (r *Injection) chosen() bool {
	switch {
	case r.rule.Share > 0:
		return r.random.Float64() < r.rule.Share
	case r.rule.Nth > 0:
		return r.matched == r.rule.Nth
	case r.rule.Every > 0:
		return r.matched%r.rule.Every == 0
	case r.rule.First > 0:
		return r.matched <= r.rule.First
	}
	return true
}
