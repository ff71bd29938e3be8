package gateway

import "golang.org/x/time/rate"

// What API Gateway grants an account in a Region, for all its APIs together.
// The burst is AWS's figure of 2023; its page no longer names one.
const (
	AccountRate  = 10_000
	AccountBurst = 5_000
)

// A Limit is a token bucket: it holds at most Burst requests and gains Rate of
// them a second.
type Limit struct {
	// Rate is in requests a second.
	Rate float64
	// Burst is how many requests may come at once. 0 lets none through.
	Burst int
}

// throttled takes a request out of the account's and the route's bucket. It
// reports whether one of them was empty.
func (g *Gateway) throttled(route Route) bool {
	return !allow(g.cfg.Account) || !allow(route.bucket)
}

// allow takes a request out of a bucket. A nil bucket never runs empty.
func allow(bucket *rate.Limiter) bool {
	return bucket == nil || bucket.Allow()
}
