package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/strictjson"
)

// Policy is a parsed identity policy.
type Policy struct {
	statements []statement
}

// The versions of the policy language. The older one, the default, has no policy
// variables.
const (
	currentVersion = "2012-10-17"
	oldVersion     = "2008-10-17"
)

// document is a policy document.
type document struct {
	Version   string
	Id        string
	Statement many[written]
}

// written is a statement of a policy document.
type written struct {
	Sid          string
	Effect       string
	Action       many[string]
	NotAction    many[string]
	Resource     many[string]
	NotResource  many[string]
	Principal    any
	NotPrincipal any
	Condition    map[string]map[string]many[scalar]
}

// Parse parses a policy document. As on AWS, the error says which statement is
// malformed and why.
func Parse(data []byte) (*Policy, error) {
	var d document
	if err := strictjson.UnmarshalKnown(data, &d); err != nil {
		return nil, fmt.Errorf("iam: invalid policy document: %w", err)
	}
	if d.Version != "" && d.Version != currentVersion && d.Version != oldVersion {
		return nil, fmt.Errorf("iam: invalid Version %q: expected %s", d.Version, currentVersion)
	}
	if d.Statement == nil {
		return nil, errors.New("iam: missing Statement in the policy")
	}
	p := &Policy{}
	for i, w := range d.Statement {
		s, err := w.statement(d.Version == currentVersion)
		if err != nil {
			return nil, fmt.Errorf("iam: statement %s: %w", w.name(i), err)
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

// Unknown returns the condition operators of the policy that are not supported,
// sorted.
func (p *Policy) Unknown() []string {
	names := map[string]bool{}
	for _, s := range p.statements {
		for _, c := range s.conditions {
			if !c.known {
				names[c.operator] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// ConditionKeys returns the condition keys of the policy, in lower case and sorted.
func (p *Policy) ConditionKeys() []string {
	keys := map[string]bool{}
	for _, s := range p.statements {
		for _, c := range s.conditions {
			keys[c.key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// name names a statement in an error.
func (w written) name(i int) string {
	if w.Sid != "" {
		return w.Sid
	}
	return fmt.Sprint(i + 1)
}

func (w written) statement(variables bool) (statement, error) {
	s := statement{deny: w.Effect == "Deny", notAction: w.NotAction != nil, notRes: w.NotResource != nil}
	switch {
	case w.Effect != "Allow" && w.Effect != "Deny":
		return s, fmt.Errorf("invalid Effect %q: expected Allow or Deny", w.Effect)
	case w.Principal != nil || w.NotPrincipal != nil:
		return s, errors.New("invalid Principal: only resource policies have one")
	case (w.Action == nil) == (w.NotAction == nil):
		return s, errors.New("expected either Action or NotAction")
	case (w.Resource == nil) == (w.NotResource == nil):
		return s, errors.New("expected either Resource or NotResource")
	case len(w.Action)+len(w.NotAction) == 0 || len(w.Resource)+len(w.NotResource) == 0:
		return s, errors.New("empty Action or Resource")
	}
	for _, action := range slices.Concat(w.Action, w.NotAction) {
		service, name, ok := strings.Cut(action, ":")
		if action != "*" && (!ok || service == "" || name == "") {
			return s, fmt.Errorf("invalid action %q: expected SERVICE:ACTION or *", action)
		}
		s.actions = append(s.actions, marks.Replace(strings.ToLower(action)))
	}
	for _, resource := range slices.Concat(w.Resource, w.NotResource) {
		if !strings.HasPrefix(resource, "*") && !strings.HasPrefix(resource, "arn:") && !strings.HasPrefix(resource, "${") {
			return s, fmt.Errorf("invalid resource %q: expected an ARN or *", resource)
		}
		s.resources = append(s.resources, newText(complete(resource), true, variables))
	}
	return s, w.addConditions(&s, variables)
}

func (w written) addConditions(s *statement, variables bool) error {
	for _, operator := range slices.Sorted(maps.Keys(w.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(w.Condition[operator])) {
			var values []string
			for _, value := range w.Condition[operator][key] {
				values = append(values, string(value))
			}
			c, err := newCondition(operator, key, values, variables)
			if err != nil {
				return err
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return nil
}

// complete adds wildcards for missing parts of an ARN, as AWS does: "arn:aws:sqs"
// matches every queue.
func complete(arn string) string {
	if !strings.HasPrefix(arn, "arn:") || strings.Contains(arn, "${") {
		return arn
	}
	return arn + strings.Repeat(":*", max(5-strings.Count(arn, ":"), 0))
}

// many is a list that may be written as a single value.
type many[T any] []T

// UnmarshalJSON decodes a list or one value.
func (m *many[T]) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return strictjson.UnmarshalKnown(data, (*[]T)(m))
	}
	var one T
	if err := strictjson.UnmarshalKnown(data, &one); err != nil {
		return err
	}
	*m = many[T]{one}
	return nil
}

// scalar is a condition's value: a string that may be written as a number or
// boolean.
type scalar string

// UnmarshalJSON decodes a string, number or boolean.
func (s *scalar) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(s))
	case '{', '[', 'n':
		return fmt.Errorf("invalid condition value %s: expected a string, number or boolean", data)
	}
	*s = scalar(data)
	return nil
}
