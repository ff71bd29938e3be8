package template

import (
	"fmt"
	"strings"
)

// parameter is a template's parameter. Nobody can pass a value to a local
// run, so only the default counts.
type parameter struct {
	Type    string
	Default any
}

// value is what a Ref to the parameter yields. A parameter that cannot be
// had is an error only here, where it is used: every CDK template has one (the
// bootstrap version) that only deployment reads.
func (p parameter) value(name string) (any, error) {
	if strings.HasPrefix(p.Type, "AWS::SSM::Parameter::") {
		return nil, fmt.Errorf("parameter %s is read from SSM at deployment, which a local run cannot: give the resource a value of its own", name)
	}
	if p.Default == nil {
		return nil, fmt.Errorf("parameter %s has no default: give it one, because a local run passes no parameters", name)
	}
	if p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<") {
		list, err := text(p.Default)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		var parts []any
		for part := range strings.SplitSeq(list, ",") {
			parts = append(parts, strings.TrimSpace(part))
		}
		return parts, nil
	}
	if _, err := text(p.Default); err != nil {
		return nil, fmt.Errorf("parameter %s: %w", name, err)
	}
	return p.Default, nil
}
