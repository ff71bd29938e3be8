package chaos

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// quotaLength is the length of the run that the quotas are meant for. Those of
// another length are in proportion.
const quotaLength = 300 * time.Second

// Rollovers is how often the device has rolled over that did so least.
const Rollovers = "rolloversOfEachClient"

// Storms is how many storms befell posts enough to count.
const Storms = "storms"

// quotaNeeds are how often each kind of fault has to be injected in quotaLength,
// or something be seen that is meant to be put to the test.
var quotaNeeds = []struct {
	name  string
	kinds []string // of faults, or of what is observed
	need  int
}{
	{Kills, []string{Kills}, 50},
	{Dropped, []string{Dropped, Broken}, 500},
	{"throttlesOr5xx", []string{Throttles, Errors}, 500},
	{LostDisconnects, []string{LostDisconnects}, 100},
	{False410s, []string{False410s}, 100},
	{Rollovers, nil, 5},
	{Storms, nil, 5},
	{Splits, []string{Splits}, 10},
	{Cuts, []string{Cuts}, 4},
	{Batches, []string{Batches}, 150},
	{LateWrites, []string{LateWrites}, 100},
	{Freezes, []string{Freezes}, 30},
	{EarlyDisconnects, []string{EarlyDisconnects}, 20},
	{LostPosts, []string{LostPosts}, 40},
	{PartialBatches, []string{PartialBatches}, 30},
	{UndeletedJobs, []string{UndeletedJobs}, 3},
	{ClockErrors, []string{ClockErrors}, 60},
	{SecretAway, []string{SecretAway}, 3},
	{Redrives, []string{Redrives}, 15},
	{Redriven, []string{Redriven}, 2},
	{RightsTaken, []string{RightsTaken}, 15},
	{TokensEnded, []string{TokensEnded}, 8},
	{RateLimited, []string{RateLimited}, 30},
	{RoomsRefused, []string{RoomsRefused}, 4},
	{PresenceReads, []string{PresenceReads}, 50},
}

// ofTokens are what there is with tokens only.
var ofTokens = []string{SecretAway, RightsTaken, TokensEnded}

// seldom are what a short run may do without: on a busy machine its few waves leave
// nothing to split or to give up, and its jobs do not fail often enough to be
// given up.
var seldom = []string{Splits, Cuts, UndeletedJobs, SecretAway, Redrives, Redriven, TokensEnded, RoomsRefused, RateLimited}

// Quota is something of which a run needs so much to mean anything.
type Quota struct {
	Name string `json:"name"`
	Need int    `json:"need"`
	Got  int    `json:"got"`
	Met  bool   `json:"met"`
}

// quotas returns how the run stands after a part of its time, 1 for all of it.
func (r *run) quotas(part float64) []Quota {
	injected, seen := r.injected(), r.seen()
	scale := part * r.schedule.Length.Seconds() / quotaLength.Seconds()
	if r.schedule.OnlyJoins {
		return joinQuotas(part*r.schedule.Length.Seconds(), injected, seen)
	}
	var quotas []Quota
	for _, n := range quotaNeeds {
		q := Quota{Name: n.name, Need: int(math.Ceil(float64(n.need) * scale))}
		if n.name == ClockErrors && !r.clocks || r.target.Mint == nil && slices.Contains(ofTokens, n.name) {
			continue
		}
		if slices.Contains(seldom, n.name) {
			q.Need = int(float64(n.need) * scale)
		}
		for _, kind := range n.kinds {
			q.Got += injected[kind] + seen[kind]
		}
		switch n.name {
		case Rollovers:
			q.Got = r.leastRollovers()
		case Storms:
			q.Got = stormsOf(r.target.Injector.Counts())
		}
		q.Met = q.Got >= q.Need
		quotas = append(quotas, q)
	}
	return quotas
}

func (r *run) leastRollovers() int {
	least := math.MaxInt
	for _, d := range r.devices {
		least = min(least, d.rollovers())
	}
	return least
}

// pacing is how often the pacer looks, lead how far ahead of time it wants the
// quotas to be, so that they are met before the end.
const (
	pacing = time.Second
	lead   = 1.1
)

// pace sees to it that the quotas are met, until ctx ends, the time of the
// storm: a kind of fault that lags behind is injected more often.
func (r *run) pace(ctx context.Context) {
	var rolling sync.WaitGroup
	defer rolling.Wait()
	for turn := 0; faults.Sleep(ctx, pacing); turn++ {
		part := min(1, lead*float64(time.Since(r.began))/float64(r.schedule.Length))
		for _, q := range r.quotas(part) {
			if missing := q.Need - q.Got; missing > 0 {
				r.push(ctx, &rolling, q, missing, turn)
			}
		}
	}
}

// push injects more of what is missing.
func (r *run) push(ctx context.Context, rolling *sync.WaitGroup, q Quota, missing, turn int) {
	switch q.Name {
	case Dropped:
		for n := range missing {
			r.devices[(turn*7+n)%len(r.devices)].drop(false)
		}
	case Rollovers:
		for _, d := range r.devices {
			if d.rollovers() < q.Need {
				rolling.Go(func() { d.rollover(ctx) })
			}
		}
	case Kills:
		r.more(faults.Rule{Kill: faults.During, Every: 5, Limit: missing}, Kills, turn)
	case LostDisconnects:
		r.more(faults.Rule{LostDisconnect: true, Limit: missing}, LostDisconnects, turn)
	case False410s:
		r.more(faults.Rule{Operation: "PostToConnection", FalselyGone: true, Every: 5, Limit: missing}, False410s, turn)
	case LateWrites:
		r.more(faults.Rule{Service: "dynamodb", Status: 500, ApplyLate: time.Second, Every: 20, Limit: missing}, LateWrites, turn)
	case Freezes:
		r.more(faults.Rule{Freeze: 2 * time.Second, Every: 20, Limit: missing}, Freezes, turn)
	case EarlyDisconnects:
		r.more(faults.Rule{EarlyDisconnect: true, Limit: missing}, EarlyDisconnects, turn)
	case LostPosts:
		r.more(faults.Rule{Lost: true, Every: 20, Limit: missing}, LostPosts, turn)
	case PartialBatches:
		r.more(faults.Rule{Partial: true, Every: 2, Limit: missing}, PartialBatches, turn)
	case RightsTaken, TokensEnded, RateLimited, RoomsRefused, PresenceReads:
		// The guests do what they can.
	case SecretAway:
		r.more(faults.Rule{Service: "secretsmanager", Status: 503, Limit: missing}, SecretAway, turn)
		r.more(faults.Rule{Function: authorizer, Kill: faults.Before, Every: 3, Limit: missing}, Kills+" of the authorizer", turn)
	case Storms, Splits, Cuts, Batches, BusyJoins, BusySends, SlowPuts, UndeletedJobs, ClockErrors, Redrives, Redriven:
		// The schedule has plenty of storms and waves, each when it is due, and
		// of what else nobody could do more.
	default:
		r.more(faults.Rule{Service: "dynamodb", Throttle: true, Every: 4, Limit: missing}, Throttles, turn)
	}
}

// more adds a rule beside those of the schedule.
func (r *run) more(rule faults.Rule, kind string, turn int) {
	rule.Name = fmt.Sprintf("%s more %d", kind, turn)
	r.add(rule)
}
