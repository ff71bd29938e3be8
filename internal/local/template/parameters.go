package template

import (
	"fmt"
	"strings"
)

// parameter is a template's parameter. The scope may provide its value. A local run
// provides few, so for most the default counts.
type parameter struct {
	Type    string
	Default any
}

// value returns the value of a Ref to the parameter. A missing value is an error
// only when it is used: every CDK template has a parameter (the bootstrap version)
// that only deployment reads.
func (p parameter) value(name string, scope *Scope) (any, error) {
	if argument, given := scope.Arguments[name]; given {
		if _, isList := argument.([]any); isList {
			return argument, nil
		}
		p.Type, p.Default = strings.TrimPrefix(p.Type, "AWS::SSM::Parameter::Value<"), argument
	}
	if p.Default == nil {
		return nil, fmt.Errorf("parameter %s has no default: add one, because a local run passes no parameters", name)
	}
	if p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<") {
		list, err := text(p.Default)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		return items(list), nil
	}
	if kind, ok := strings.CutPrefix(p.Type, "AWS::SSM::Parameter::Value<"); ok {
		return p.fromSSM(name, kind, scope.Parameter)
	}
	if _, err := text(p.Default); err != nil {
		return nil, fmt.Errorf("parameter %s: %w", name, err)
	}
	return p.Default, nil
}

// fromSSM returns the value of a parameter whose default is the name of an SSM
// parameter. kind is the rest of the type: "String>", "List<String>>",
// "AWS::EC2::Image::Id>".
func (p parameter) fromSSM(name, kind string, ssm func(string) (string, bool)) (any, error) {
	source, err := text(p.Default)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", name, err)
	}
	value, ok := "", false
	if ssm != nil {
		value, ok = ssm(source)
	}
	if !ok {
		return nil, fmt.Errorf("parameter %s: unknown SSM parameter %s: define it in another stack, or give the resource a value of its own", name, source)
	}
	if strings.HasPrefix(kind, "List<") || strings.HasPrefix(kind, "CommaDelimitedList") {
		return items(value), nil
	}
	return value, nil
}

// items returns the items of a list that is written as a string.
func items(list string) []any {
	var parts []any
	for part := range strings.SplitSeq(list, ",") {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}
