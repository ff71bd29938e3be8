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

// quotaLength is the length of run that the quotas are for. Quotas for other
// lengths are in proportion.
const quotaLength = 300 * time.Second

// Rollovers is the least number of rollovers of any device.
const Rollovers = "rolloversOfEachClient"

// Storms is the number of storms that throttled enough posts to count.
const Storms = "storms"

// quotaNeeds are how often each kind of fault must be injected in quotaLength, or
// an event must be observed.
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
	{Splits, []string{Splits}, 8},
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
	{PresenceReads, []string{PresenceReads}, 30},
}

// ofTokens are the quotas of runs with tokens.
var ofTokens = []string{SecretAway, RightsTaken, TokensEnded}

// seldom are the quotas that a short run may miss: on a busy machine its few waves
// may split nothing, and its jobs do not fail often enough to become dead letters.
var seldom = []string{Splits, Cuts, UndeletedJobs, SecretAway, Redrives, Redriven, TokensEnded, RoomsRefused, RateLimited}

// Quota is the least number of something without which a run means little.
type Quota struct {
	Name string `json:"name"`
	Need int    `json:"need"`
	Got  int    `json:"got"`
	Met  bool   `json:"met"`
}

// quotas returns the quotas after a part of the run; 1 is all of it.
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

// pacing is how often the pacer checks the quotas, and lead how far ahead of time
// they should be, so that they are met before the end.
const (
	pacing = time.Second
	lead   = 1.1
)

// pace injects kinds of faults that lag behind their quota more often, until ctx
// ends.
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

// push injects more of a kind of fault.
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
		// These are up to the guests.
	case SecretAway:
		r.more(faults.Rule{Service: "secretsmanager", Status: 503, Limit: missing}, SecretAway, turn)
		r.more(faults.Rule{Function: authorizer, Kill: faults.Before, Every: 3, Limit: missing}, Kills+" of the authorizer", turn)
	case Storms, Splits, Cuts, Batches, BusyJoins, BusySends, SlowPuts, UndeletedJobs, ClockErrors, Redrives, Redriven:
		// The schedule has enough storms and waves, each at its time. The others
		// cannot be forced.
	default:
		r.more(faults.Rule{Service: "dynamodb", Throttle: true, Every: 4, Limit: missing}, Throttles, turn)
	}
}

// more adds a rule to those of the schedule.
func (r *run) more(rule faults.Rule, kind string, turn int) {
	rule.Name = fmt.Sprintf("%s more %d", kind, turn)
	r.add(rule)
}
