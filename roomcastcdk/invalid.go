package roomcastcdk

import (
	"fmt"
	"math"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// subject names the construct whose props are judged, in the words of the
// program that made it.
type subject struct {
	constructor string
	id          *string
}

// fail panics, as CDK does when props are wrong: lower-case, with the value
// and with what to do.
func (s subject) fail(format string, args ...any) {
	id := "<nil>"
	if s.id != nil {
		id = *s.id
	}
	panic(fmt.Errorf("roomcastcdk: %s %q: %w", s.constructor, id, fmt.Errorf(format, args...)))
}

// whole demands a whole number from low to high, if there is one and it is
// known already.
func (s subject) whole(prop string, value *float64, low, high float64) {
	if value == nil || *awscdk.Token_IsUnresolved(*value) {
		return
	}
	if *value != math.Trunc(*value) || *value < low || *value > high {
		s.fail("%s must be a whole number from %s to %s, got %s", prop, plain(low), plain(high), plain(*value))
	}
}

// plain writes a number without an exponent.
func plain(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

// seconds demands a duration from low to high seconds, if there is one and it
// is known already.
func (s subject) seconds(prop string, value awscdk.Duration, low, high float64) {
	if value == nil || *value.IsUnresolved() {
		return
	}
	got := *value.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})
	if got < low || got > high {
		s.fail("%s must last from %s to %s seconds, got %s", prop, plain(low), plain(high), plain(got))
	}
}
