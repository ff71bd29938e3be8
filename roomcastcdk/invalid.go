package roomcastcdk

import (
	"fmt"
	"math"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// subject names what an error is about: the call that the app made, and the id
// or the path of the construct.
type subject struct {
	constructor string
	id          *string
}

// fail panics, as CDK does when props are wrong. The message names the value, what
// is expected, and what to do.
func (s subject) fail(format string, args ...any) {
	id := "<nil>"
	if s.id != nil {
		id = *s.id
	}
	panic(fmt.Errorf("roomcastcdk: %s %q: %w", s.constructor, id, fmt.Errorf(format, args...)))
}

// whole requires a whole number from low to high. A value that is missing, or
// known at deployment only, is valid.
func (s subject) whole(prop string, value *float64, low, high float64) {
	if value == nil || *awscdk.Token_IsUnresolved(*value) {
		return
	}
	if *value != math.Trunc(*value) || *value < low || *value > high {
		s.fail("invalid %s %s: expected a whole number from %s to %s", prop, plain(*value), plain(low), plain(high))
	}
}

// plain writes a number without an exponent.
func plain(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

// seconds requires a duration from low to high seconds. A duration that is
// missing, or known at deployment only, is valid.
func (s subject) seconds(prop string, value awscdk.Duration, low, high float64) {
	if value == nil || *value.IsUnresolved() {
		return
	}
	got := *value.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})
	if got < low || got > high {
		s.fail("invalid %s of %s seconds: expected %s to %s seconds", prop, plain(got), plain(low), plain(high))
	}
}
