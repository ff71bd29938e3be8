package template

import "strings"

// Scope is what a template is resolved against.
type Scope struct {
	// Values of the pseudo parameters AWS::Region, AWS::AccountId,
	// AWS::Partition, AWS::URLSuffix, AWS::StackName and AWS::StackId.
	Region, AccountID, Partition, URLSuffix, StackName, StackID string

	// Arguments are the values of the template's parameters, by name: texts, or
	// lists for parameters of a list type. Others have their default.
	Arguments map[string]any

	// Attribute returns an attribute of a resource of this template, by
	// logical id; for a Ref the attribute is RefAttribute. False means that
	// the resource has no such attribute. It is only asked for resources that
	// exist, and may ask the same Resolver for the properties of that
	// resource: once Resolver.Order has succeeded, that comes to an end.
	Attribute func(logicalID, attribute string) (any, bool)

	// Import returns the value that another stack exports under a name. Nil
	// means that there is no other stack.
	Import func(name string) (any, error)

	// Parameter returns the value of a parameter of SSM, for parameters of the
	// template that are read from there. False means that there is none. Nil
	// means that there is none at all.
	Parameter func(name string) (string, bool)
}

// RefAttribute stands for what a Ref to a resource yields.
const RefAttribute = "Ref"

// pseudo returns a pseudo parameter by its name; AWS::NoValue is not one, as it
// takes away what it stands in.
func (s *Scope) pseudo(name string) (any, bool) {
	switch name {
	case "AWS::Region":
		return s.Region, true
	case "AWS::AccountId":
		return s.AccountID, true
	case "AWS::Partition":
		return s.Partition, true
	case "AWS::URLSuffix":
		return s.URLSuffix, true
	case "AWS::StackName":
		return s.StackName, true
	case "AWS::StackId":
		return s.StackID, true
	case "AWS::NotificationARNs":
		return []any{}, true
	}
	return nil, false
}

func isPseudo(name string) bool { return strings.HasPrefix(name, "AWS::") }
