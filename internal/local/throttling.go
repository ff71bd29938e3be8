package local

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/time/rate"

	"github.com/roomcast/roomcast/internal/local/gateway"
)

// routeSettings are what a stage says about its routes; only throttling has an
// effect on a run.
type routeSettings struct {
	ThrottlingRateLimit  *number
	ThrottlingBurstLimit *integer

	DataTraceEnabled       flag
	DetailedMetricsEnabled flag
	LoggingLevel           string
}

// limit is the throttling of a route: its own settings before the stage's
// default ones, before what the account has. It is nil when neither says
// anything: then the account's is the only limit.
func (s *apiStage) limit(routeKey string) *gateway.Limit {
	var limit *gateway.Limit
	for _, settings := range []routeSettings{s.properties.DefaultRouteSettings, s.properties.RouteSettings[routeKey]} {
		if settings.ThrottlingRateLimit == nil && settings.ThrottlingBurstLimit == nil {
			continue
		}
		if limit == nil {
			limit = &gateway.Limit{Rate: gateway.AccountRate, Burst: gateway.AccountBurst}
		}
		if rate := settings.ThrottlingRateLimit; rate != nil {
			limit.Rate = float64(*rate)
		}
		if burst := settings.ThrottlingBurstLimit; burst != nil {
			limit.Burst = int(*burst)
		}
	}
	return limit
}

// requests is the bucket that all APIs take their requests from; nil for no
// limit. AWS's ratio of burst to rate holds for any rate.
func (o Options) requests() *rate.Limiter {
	switch {
	case o.RequestRate < 0:
		return nil
	case o.RequestRate == 0:
		return rate.NewLimiter(gateway.AccountRate, gateway.AccountBurst)
	}
	return rate.NewLimiter(rate.Limit(o.RequestRate), max(1, o.RequestRate*gateway.AccountBurst/gateway.AccountRate))
}

// variables are the stage's variables, with URLs that lead here; nil when it
// has none.
func (s *apiStage) variables(l *localizer) map[string]string {
	if len(s.properties.StageVariables) == 0 {
		return nil
	}
	variables := make(map[string]string, len(s.properties.StageVariables))
	for name, value := range s.properties.StageVariables {
		variables[name] = l.localize(string(value))
	}
	return variables
}

// number is a number that a template may also write as a string.
type number float64

func (n *number) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	if err != nil {
		return fmt.Errorf("%s is no number", data)
	}
	*n = number(value)
	return nil
}
