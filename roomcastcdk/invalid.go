package roomcastcdk

import (
	"fmt"
	"math"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
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

// mustBePlaced refuses a construct without a scope or an id, which jsii would refuse
// without a remedy.
func (s subject) mustBePlaced(scope constructs.Construct) {
	if scope == nil {
		s.fail("the scope is missing: pass the stack or the construct that it belongs to")
	}
	if s.id == nil || *s.id == "" {
		s.fail("the id is missing: pass one that is unique in its scope, such as jsii.String(\"Chat\")")
	}
}

// mustBeMade refuses a struct that no constructor made: it has no resources.
func (s subject) mustBeMade(prop string, made bool, constructors string) {
	if !made {
		s.fail("invalid %s: it is an empty struct; make it by %s", prop, constructors)
	}
}

// values requires strings, none of them nil, that are known during synthesis.
func (s subject) values(prop string, list *[]*string) {
	if list == nil {
		return
	}
	if *awscdk.Token_IsUnresolved(list) {
		s.fail("invalid %s: expected a list that is known during synthesis; pass its values one by one", prop)
	}
	for i, value := range *list {
		if value == nil {
			s.fail("invalid %s: value %d is nil; leave it out", prop, i+1)
		}
	}
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

// seconds requires a duration from low to high seconds, in whole seconds. A
// duration that is missing is valid, and so is a number of seconds that is known at
// deployment only: CDK cannot convert another unit then.
func (s subject) seconds(prop string, value awscdk.Duration, low, high float64) {
	switch {
	case value == nil:
		return
	case *value.IsUnresolved() && *value.UnitLabel() != "seconds":
		s.fail("invalid %s: expected Duration_Seconds for a value that is known at deployment only; got %s", prop, *value.UnitLabel())
	case *value.IsUnresolved():
		return
	}
	got := *value.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})
	if got != math.Trunc(got) {
		s.fail("invalid %s of %s seconds: expected whole seconds", prop, plain(got))
	}
	if got < low || got > high {
		s.fail("invalid %s of %s seconds: expected %s to %s seconds", prop, plain(got), plain(low), plain(high))
	}
}
