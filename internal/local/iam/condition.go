package iam

import (
	"fmt"
	"slices"
	"strings"
)

// condition compares one condition key with values.
type condition struct {
	operator string // as written
	known    bool
	key      string // in lower case
	values   []text
	set      quantifier
	ifExists bool
	// null is the value of a Null condition: true requires that the key is absent,
	// false that it is present.
	null *bool
	operation
}

// quantifier is how several values of a key in a request are combined.
type quantifier int

const (
	single quantifier = iota
	forAll
	forAny
)

// newCondition parses an operator with its qualifiers: ForAnyValue:StringLike,
// ArnLikeIfExists.
func newCondition(operator, key string, values []string, variables bool) (condition, error) {
	c := condition{operator: operator, key: strings.ToLower(key)}
	name := operator
	if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		name, c.set = rest, forAll
	} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		name, c.set = rest, forAny
	}
	if name == "Null" {
		if len(values) != 1 || !isBool(values[0]) {
			return c, fmt.Errorf("invalid value %[2]q of the condition Null on %[1]s: expected true or false", key, values)
		}
		absent := strings.EqualFold(values[0], "true")
		c.null, c.known = &absent, true
		return c, nil
	}
	name, c.ifExists = strings.CutSuffix(name, "IfExists")
	c.operation, c.known = operations[name]
	for _, value := range values {
		if c.valid != nil && !c.valid(value) {
			return c, fmt.Errorf("invalid value %[3]q of the condition %[1]s on %[2]s", operator, key, value)
		}
		c.values = append(c.values, newText(value, c.wildcards, variables))
	}
	return c, nil
}

// holds evaluates a condition with a known operator.
func (c *condition) holds(context Context) bool {
	got := context[c.key]
	if c.null != nil {
		return *c.null == (len(got) == 0)
	}
	if len(got) == 0 {
		switch c.set {
		case forAll:
			return true
		case forAny:
			return false
		default:
			return c.ifExists || c.negated
		}
	}
	one := func(value string) bool { return c.holdsFor(value, context) }
	// A key with several values and no quantifier is a mistake in the policy. It
	// holds if every value matches.
	if c.set == forAny {
		return slices.ContainsFunc(got, one)
	}
	return !slices.ContainsFunc(got, func(value string) bool { return !one(value) })
}

// holdsFor compares one value of the key. It must match one of the policy's values,
// or none of them with a negated operator.
func (c *condition) holdsFor(got string, context Context) bool {
	for _, value := range c.values {
		want, ok := value.expand(context)
		if ok && c.compare(got, want) {
			return !c.negated
		}
	}
	return c.negated
}
