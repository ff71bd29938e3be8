package local

import (
	"golang.org/x/time/rate"

	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// requests returns the token bucket that all APIs share, or nil for no limit. The
// burst is half of the rate, as on AWS.
func (o Options) requests() *rate.Limiter {
	switch {
	case o.RequestRate < 0:
		return nil
	case o.RequestRate == 0:
		return rate.NewLimiter(gateway.AccountRate, gateway.AccountBurst)
	}
	return rate.NewLimiter(rate.Limit(o.RequestRate), max(1, o.RequestRate*gateway.AccountBurst/gateway.AccountRate))
}

// routeLimit returns the throttling of a route of a stage, or nil if the template
// sets none. Then only the account's limit applies.
func routeLimit(s *plan.Stage, routeKey string) *gateway.Limit {
	rate, burst := s.Throttling(routeKey)
	if rate == nil && burst == nil {
		return nil
	}
	limit := &gateway.Limit{Rate: gateway.AccountRate, Burst: gateway.AccountBurst}
	if rate != nil {
		limit.Rate = *rate
	}
	if burst != nil {
		limit.Burst = *burst
	}
	return limit
}

// stageVariables returns the stage's variables with the URLs of this cloud, or nil.
func stageVariables(s *plan.Stage, l *localizer) map[string]string {
	if len(s.Properties.StageVariables) == 0 {
		return nil
	}
	variables := make(map[string]string, len(s.Properties.StageVariables))
	for name, value := range s.Properties.StageVariables {
		variables[name] = l.localize(string(value))
	}
	return variables
}
