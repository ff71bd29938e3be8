package plan

import (
	"fmt"
	"strconv"
	"strings"
)

// routeSettings are a stage's settings for its routes. Only throttling affects a
// run.
type routeSettings struct {
	ThrottlingRateLimit  *number
	ThrottlingBurstLimit *Integer

	DataTraceEnabled       Bool
	DetailedMetricsEnabled Bool
	LoggingLevel           string
}

// Throttling returns the limits of a route: its own settings if it has any, else
// the stage's defaults. A limit that neither sets is nil.
func (s *Stage) Throttling(routeKey string) (rate *float64, burst *int) {
	for _, settings := range []routeSettings{s.Properties.DefaultRouteSettings, s.Properties.RouteSettings[routeKey]} {
		if settings.ThrottlingRateLimit != nil {
			rate = (*float64)(settings.ThrottlingRateLimit)
		}
		if settings.ThrottlingBurstLimit != nil {
			burst = (*int)(settings.ThrottlingBurstLimit)
		}
	}
	return rate, burst
}

// number is a number that a template may also write as a string.
type number float64

func (n *number) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	if err != nil {
		return fmt.Errorf("invalid number %s", data)
	}
	*n = number(value)
	return nil
}
