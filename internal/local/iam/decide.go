package iam

import "strings"

// Request is a call that somebody wants to make.
type Request struct {
	// Action is the permission that the call needs, such as "dynamodb:PutItem".
	Action string
	// Resource is the ARN of what the call concerns, or "*" for actions that
	// concern nothing in particular.
	Resource string
	// Context holds the values of condition keys, which are also those of
	// policy variables.
	Context Context
}

// Context maps condition keys, in lower case ("aws:principalarn"), to their
// values in one request. A key without values is absent.
type Context map[string][]string

// Decision is what a set of policies comes to for a request.
type Decision int

// The decisions. The zero value refuses.
const (
	// ImplicitDeny means that no statement allows the request.
	ImplicitDeny Decision = iota
	// Allow means that a statement allows the request and none denies it.
	Allow
	// ExplicitDeny means that a statement denies the request.
	ExplicitDeny
)

// String names the decision.
func (d Decision) String() string {
	switch d {
	case Allow:
		return "allow"
	case ExplicitDeny:
		return "explicit deny"
	default:
		return "implicit deny"
	}
}

// Policies are all the policies of one identity.
type Policies []*Policy

// Decide evaluates the policies.
func (p Policies) Decide(r Request) Decision {
	decision := ImplicitDeny
	for _, policy := range p {
		for i := range policy.statements {
			s := &policy.statements[i]
			if !s.matches(r) {
				continue
			}
			if s.deny {
				return ExplicitDeny
			}
			decision = Allow
		}
	}
	return decision
}

// statement is one statement of a policy.
type statement struct {
	deny       bool
	actions    []string // with wildcards marked, in lower case
	notAction  bool     // actions are those the statement is not about
	resources  []text
	notRes     bool // likewise
	conditions []condition
}

func (s *statement) matches(r Request) bool {
	return s.matchesAction(r.Action) && s.matchesResource(r) && s.matchesConditions(r.Context)
}

func (s *statement) matchesAction(action string) bool {
	action = strings.ToLower(action)
	for _, pattern := range s.actions {
		if glob(pattern, action) {
			return !s.notAction
		}
	}
	return s.notAction
}

func (s *statement) matchesResource(r Request) bool {
	for _, resource := range s.resources {
		pattern, ok := resource.expand(r.Context)
		if ok && glob(pattern, r.Resource) {
			return !s.notRes
		}
	}
	return s.notRes
}

// matchesConditions says whether all conditions hold. An unknown operator
// holds for a Deny, and not for an Allow.
func (s *statement) matchesConditions(c Context) bool {
	for i := range s.conditions {
		condition := &s.conditions[i]
		holds := s.deny
		if condition.known {
			holds = condition.holds(c)
		}
		if !holds {
			return false
		}
	}
	return true
}
