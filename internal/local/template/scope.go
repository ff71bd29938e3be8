package template

import "strings"

// Scope has the values that a template is resolved with.
type Scope struct {
	// Values of the pseudo parameters AWS::Region, AWS::AccountId, AWS::Partition,
	// AWS::URLSuffix, AWS::StackName and AWS::StackId.
	Region, AccountID, Partition, URLSuffix, StackName, StackID string

	// Arguments has the values of the template's parameters by name: strings, or
	// lists for list types. Other parameters have their defaults.
	Arguments map[string]any

	// Attribute returns an attribute of a resource of this template by logical ID,
	// or the value of Ref for RefAttribute. It reports false if the resource has no
	// such attribute. It is called only for existing resources. It may call the
	// same Resolver for the properties of that resource; after Resolver.Order has
	// succeeded, this cannot recurse endlessly.
	Attribute func(logicalID, attribute string) (any, bool)

	// Import returns the value that another stack exports under a name. Nil: there
	// is no other stack.
	Import func(name string) (any, error)

	// Parameter returns the value of an SSM parameter, for parameters of the
	// template that are read from SSM. It reports false if it does not exist. Nil:
	// none exists.
	Parameter func(name string) (string, bool)
}

// RefAttribute is the attribute for the value of Ref.
const RefAttribute = "Ref"

// pseudo returns a pseudo parameter by its name. AWS::NoValue is not one of them,
// because it has no value.
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
