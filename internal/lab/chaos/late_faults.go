package chaos

import (
	"math/rand/v2"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// The kinds of faults with late consequences: work that is done after its caller
// believes that it failed, or is not done although it was answered.
const (
	LateWrites       = "lateWrites"
	Freezes          = "freezes"
	EarlyDisconnects = "earlyDisconnects"
	LostPosts        = "lostPosts"
	PartialBatches   = "partialBatches"
	UndeletedJobs    = "undeletedJobs"
	ClockErrors      = "clockErrors"
	SecretAway       = "secretAway"
)

const (
	// clockError is the largest error of a function's clock, either way.
	clockError = 5 * time.Second
	// secretEvery is how often the secret of the tokens cannot be read.
	secretEvery = 30 * time.Second
	// authorizer is the label of the function that checks tokens.
	authorizer = "Auth"
	// unanswered is longer than any caller waits for an answer.
	unanswered = 30 * time.Second
)

// clocks returns the fault of the functions' clocks. It is in force before the
// first function is called.
func (s Schedule) clocks() faults.Rule {
	return named(ClockErrors, faults.Rule{ClockWithin: clockError})
}

// lateFaults returns the faults whose consequences come late.
func (s Schedule) lateFaults() []faults.Rule {
	random := s.random("lateFaults")
	var rules []faults.Rule
	add := func(kind string, r faults.Rule, share float64) {
		r.Share = vary(random, share)
		rules = append(rules, named(kind, r))
	}
	for _, late := range []time.Duration{
		between(random, 200*time.Millisecond, time.Second), between(random, time.Second, 3*time.Second),
		between(random, 3*time.Second, 6*time.Second), 6 * time.Second,
	} {
		add(LateWrites, faults.Rule{Service: "dynamodb", Status: 500, ApplyLate: late}, 0.002)
		add(LateWrites, faults.Rule{Service: "dynamodb", Reset: true, ApplyLate: late}, 0.001)
		add(LateWrites, faults.Rule{Service: "sqs", Status: 500, ApplyLate: late}, 0.005)
	}
	add(Freezes, faults.Rule{Freeze: between(random, 500*time.Millisecond, 3*time.Second)}, 0.003)
	add(Freezes, faults.Rule{Freeze: between(random, 3*time.Second, 8*time.Second)}, 0.002)
	// Longer than the timeout of any function: its caller gets an error first.
	add(Freezes, faults.Rule{Freeze: between(random, jobTimeout, 40*time.Second)}, 0.001)
	add(Freezes, faults.Rule{Freeze: between(random, time.Second, 20*time.Second), After: true}, 0.002)
	add(EarlyDisconnects, faults.Rule{EarlyDisconnect: true}, 0.02)
	add(EarlyDisconnects, faults.Rule{EarlyDisconnect: true, Latency: between(random, 100*time.Millisecond, time.Second)}, 0.02)
	add(LostPosts, faults.Rule{Lost: true}, 0.004)
	add(PartialBatches, faults.Rule{Service: "dynamodb", Partial: true}, 0.2)
	add(PartialBatches, faults.Rule{Service: "sqs", Partial: true}, 0.1)
	add(UndeletedJobs, faults.Rule{Undeleted: true}, 0.01)
	return append(rules, s.secretAway(random)...)
}

// secretAway returns rules for windows in which the secret that tokens are checked
// with cannot be read: in turns with an error and without an answer. A function
// that has it keeps it, so the authorizer is killed more often then.
func (s Schedule) secretAway(random *rand.Rand) []faults.Rule {
	var rules []faults.Rule
	for n, at := range beats(random, secretEvery, s.Length) {
		r := faults.Rule{Service: "secretsmanager", Status: 503, From: at, Until: at + between(random, 2*time.Second, 4*time.Second)}
		if n%2 == 1 {
			r.Status, r.Latency = 0, unanswered
		}
		rules = append(rules, named(SecretAway, r), named(Kills, faults.Rule{
			Function: authorizer, Kill: faults.Before, Share: 0.1, From: r.From, Until: r.Until,
		}))
	}
	return rules
}
