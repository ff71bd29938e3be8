package iam

import (
	"fmt"
	"slices"
	"strings"
)

// condition compares one condition key with values.
type condition struct {
	operator string // as it is written
	known    bool
	key      string // in lower case
	values   []text
	set      quantifier
	ifExists bool
	// null is what a Null condition asks for: that the key is absent (true) or
	// present.
	null *bool
	operation
}

// quantifier is how the several values of a key in a request are combined.
type quantifier int

const (
	single quantifier = iota
	forAll
	forAny
)

// newCondition reads an operator with its qualifiers: ForAnyValue:StringLike,
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
			return c, fmt.Errorf("condition Null on %s takes true or false, not %q", key, values)
		}
		absent := strings.EqualFold(values[0], "true")
		c.null, c.known = &absent, true
		return c, nil
	}
	name, c.ifExists = strings.CutSuffix(name, "IfExists")
	c.operation, c.known = operations[name]
	for _, value := range values {
		if c.valid != nil && !c.valid(value) {
			return c, fmt.Errorf("condition %s on %s does not take the value %q", operator, key, value)
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
	// A key with several values and no quantifier is a mistake in the policy:
	// it holds when every value may stand for the key.
	if c.set == forAny {
		return slices.ContainsFunc(got, one)
	}
	return !slices.ContainsFunc(got, func(value string) bool { return !one(value) })
}

// holdsFor compares one value of the key: it has to equal one of the policy's,
// or with a negated operator none of them.
func (c *condition) holdsFor(got string, context Context) bool {
	for _, value := range c.values {
		want, ok := value.expand(context)
		if ok && c.compare(got, want) {
			return !c.negated
		}
	}
	return c.negated
}
