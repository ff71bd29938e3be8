package gateway

import "golang.org/x/time/rate"

// API Gateway's limits for all APIs of an account in a Region. The burst is AWS's
// figure of 2023; its page no longer has one.
const (
	AccountRate  = 10_000
	AccountBurst = 5_000
)

// A Limit is a token bucket with at most Burst requests, which gains Rate requests
// a second.
type Limit struct {
	// Rate is in requests a second.
	Rate float64
	// Burst is the maximum number of simultaneous requests. 0 refuses every
	// request.
	Burst int
}

// throttled takes a request out of the account's and the route's bucket. It reports
// whether one of them was empty.
func (g *Gateway) throttled(route Route) bool {
	return !allow(g.cfg.Account) || !allow(route.bucket)
}

// allow takes a request out of a bucket. A nil bucket is never empty.
func allow(bucket *rate.Limiter) bool {
	return bucket == nil || bucket.Allow()
}
