package chaos

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// The kinds of faults. The name of a rule begins with its kind.
const (
	Kills           = "kills"
	Throttles       = "throttles"
	Errors          = "errors5xx"
	Resets          = "resets"
	LostAnswers     = "lostAnswers"
	LostDisconnects = "lostDisconnects"
	False410s       = "false410s"
	Broken          = "brokenUnderPost"
	Latencies       = "latencies"
	Duplicates      = "duplicateDeliveries"
	LateDeliveries  = "lateDeliveries"
	Stormed         = "stormed429s"    // posts that were throttled in a storm
	Dropped         = "droppedSockets" // by the harness, not by a rule
)

// killShares are how often the process of each function is killed: rarely called
// functions more often. The last entry is for functions that are not listed.
var killShares = []struct {
	label string
	share float64
}{
	{"Session", 0.02}, {"Messages", 0.03}, {"Rooms", 0.01}, {"Broadcast", 0.05}, {"", 0.05},
}

// Rules returns the faults of the schedule, for a stack with these functions.
// The first rule that applies to a call wins, so the rare ones come first.
func (s Schedule) Rules(functions []string) []faults.Rule {
	random := s.random("faults")
	rules := append(append(s.lateFaults(), s.storms()...), s.outages(random)...)
	for _, f := range functions {
		for _, moment := range []faults.Moment{faults.Before, faults.During, faults.After} {
			rules = append(rules, named(Kills, faults.Rule{Function: f, Kill: moment, Share: vary(random, killShare(f)/3)}))
		}
	}
	for _, r := range []struct {
		kind string
		rule faults.Rule
	}{
		{LostDisconnects, faults.Rule{LostDisconnect: true, Share: 0.45}},
		{False410s, faults.Rule{Operation: "PostToConnection", FalselyGone: true, Share: 0.012}},
		{False410s, faults.Rule{Operation: "GetConnection", FalselyGone: true, Share: 0.15}},
		{Broken, faults.Rule{Operation: "PostToConnection", Gone: true, Share: 0.001}},

		{Throttles, faults.Rule{Service: "dynamodb", Throttle: true, Share: 0.02}},
		{Throttles, faults.Rule{Service: "execute-api", Throttle: true, Share: 0.02}},
		{Throttles, faults.Rule{Service: "sqs", Throttle: true, Share: 0.03}},
		{Throttles, faults.Rule{Service: "lambda", Throttle: true, Share: 0.004}},
		{Errors, faults.Rule{Service: "dynamodb", Status: 500, Share: 0.01}},
		{Errors, faults.Rule{Service: "execute-api", Status: 500, Share: 0.01}},
		{Errors, faults.Rule{Service: "sqs", Status: 503, Share: 0.03}},
		{LostAnswers, faults.Rule{Service: "dynamodb", Status: 500, After: true, Share: 0.005}},
		{LostAnswers, faults.Rule{Service: "execute-api", Status: 500, After: true, Share: 0.005}},
		{LostAnswers, faults.Rule{Service: "sqs", Reset: true, After: true, Share: 0.02}},
		{LostAnswers, faults.Rule{Service: "dynamodb", Reset: true, After: true, Share: 0.005}},
		{Resets, faults.Rule{Service: "dynamodb", Reset: true, Share: 0.005}},
		{Resets, faults.Rule{Service: "execute-api", Reset: true, Share: 0.005}},

		{Duplicates, faults.Rule{Service: "sqs", Operation: "Deliver", Duplicate: true, Share: 0.1}},
		{LateDeliveries, faults.Rule{Service: "sqs", Operation: "Deliver", Late: 2 * time.Second, Share: 0.1}},
		{Latencies, faults.Rule{Service: "dynamodb", Latency: between(random, 20*time.Millisecond, 200*time.Millisecond), Share: 0.02}},
		{Latencies, faults.Rule{Service: "execute-api", Latency: between(random, 20*time.Millisecond, 400*time.Millisecond), Share: 0.02}},
		{Latencies, faults.Rule{Service: "dynamodb", Latency: 2 * time.Second, Share: 0.001}},
		{Latencies, faults.Rule{Service: "lambda", Latency: between(random, 50*time.Millisecond, 500*time.Millisecond), Share: 0.01}},
	} {
		r.rule.Share = vary(random, r.rule.Share)
		rules = append(rules, named(r.kind, r.rule))
	}
	for i := range rules {
		rules[i].Name = fmt.Sprintf("%s %d", rules[i].Name, i+1)
	}
	return rules
}

// outages returns rules for windows of some seconds in which a service fails more
// often than not.
func (s Schedule) outages(random *rand.Rand) []faults.Rule {
	var rules []faults.Rule
	window := func(r faults.Rule, lasts time.Duration) faults.Rule {
		lasts = min(lasts, s.Length/4)
		r.From = between(random, s.Length/10, s.Length*9/10-lasts)
		r.Until = r.From + lasts
		return r
	}
	times := max(1, int(s.Length/(60*time.Second)))
	for range times {
		for _, r := range []faults.Rule{
			named(Throttles, faults.Rule{Service: "dynamodb", Throttle: true, Share: 0.5}),
			named(Errors, faults.Rule{Service: "dynamodb", Status: 503, Share: 0.5}),
			named(Throttles, faults.Rule{Service: "execute-api", Throttle: true, Share: 0.6}),
			named(Errors, faults.Rule{Service: "sqs", Status: 500, Share: 0.7}),
		} {
			rules = append(rules, window(r, between(random, 500*time.Millisecond, 3*time.Second)))
		}
	}
	return rules
}

// named names a rule by its kind.
func named(kind string, r faults.Rule) faults.Rule {
	r.Name = kind
	return r
}

// killShare returns how often a function is killed.
func killShare(function string) float64 {
	for _, k := range killShares {
		if strings.HasSuffix(function, k.label) {
			return k.share
		}
	}
	return 0
}

// vary makes seeds differ in their most frequent faults: a share becomes half to
// one and a half times as large.
func vary(random *rand.Rand, share float64) float64 {
	return min(1, share*(0.5+random.Float64()))
}

// countByKind sums the injected faults by kind.
func countByKind(counts []faults.Count) map[string]int {
	by := map[string]int{}
	for _, c := range counts {
		by[kindOf(c.Rule)] += c.Injected
	}
	return by
}

// kindOf returns the kind of a rule, by its name.
func kindOf(rule string) string {
	kind, _, _ := strings.Cut(rule, " ")
	return kind
}
