package iam

import "strings"

// Request is a call to authorize.
type Request struct {
	// Action is the required permission, such as "dynamodb:PutItem".
	Action string
	// Resource is the ARN of the resource, or "*" for actions without one.
	Resource string
	// Context has the values of condition keys, which are also policy variables.
	Context Context
}

// Context maps condition keys, in lower case ("aws:principalarn"), to their values
// in a request. A key without values is absent.
type Context map[string][]string

// Decision is the result of evaluating policies for a request.
type Decision int

// The decisions. The zero value denies.
const (
	// ImplicitDeny means that no statement allows the request.
	ImplicitDeny Decision = iota
	// Allow means that a statement allows the request and none denies it.
	Allow
	// ExplicitDeny means that a statement denies the request.
	ExplicitDeny
)

// String returns the name of the decision.
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

// Policies are all policies of one identity.
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
	actions    []string // with marked wildcards, in lower case
	notAction  bool     // actions has the excluded actions
	resources  []text
	notRes     bool // resources has the excluded resources
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

// matchesConditions reports whether all conditions hold. An unknown operator holds
// in a Deny and not in an Allow.
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
