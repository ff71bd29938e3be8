package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Order returns the logical IDs of the resources whose condition is met. Each comes
// after those that it refers to or depends on; otherwise the order is the
// template's. As on CloudFormation, a cycle is an error, which names it.
func (r *Resolver) Order() ([]string, error) {
	resources, err := r.Resources()
	if err != nil {
		return nil, err
	}
	o := &ordering{
		references: map[string][]string{},
		entered:    map[string]bool{},
		left:       map[string]bool{},
	}
	for _, resource := range resources {
		o.references[resource.LogicalID] = references(&resource)
	}
	for _, resource := range resources {
		if err := o.visit(resource.LogicalID); err != nil {
			return nil, err
		}
	}
	return o.order, nil
}

// ordering is a depth-first walk along the references.
type ordering struct {
	references    map[string][]string
	entered, left map[string]bool
	path          []string
	order         []string
}

func (o *ordering) visit(id string) error {
	to, exists := o.references[id]
	if !exists || o.left[id] {
		return nil // a parameter, a resource with an unmet condition, or visited
	}
	o.path = append(o.path, id)
	if o.entered[id] {
		circle := o.path[slices.Index(o.path, id):]
		return fmt.Errorf("circular dependency between resources: %s", strings.Join(circle, " → "))
	}
	o.entered[id] = true
	for _, next := range to {
		if err := o.visit(next); err != nil {
			return err
		}
	}
	o.left[id] = true
	o.path = o.path[:len(o.path)-1]
	o.order = append(o.order, id)
	return nil
}

// references returns the names that a resource refers to, sorted. Both branches of
// an Fn::If count, as on CloudFormation.
func references(resource *Resource) []string {
	found := map[string]bool{}
	for _, id := range resource.DependsOn {
		found[id] = true
	}
	for _, v := range resource.Properties {
		collect(v, found)
	}
	return slices.Sorted(maps.Keys(found))
}

func collect(v any, found map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			collect(item, found)
		}
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			collectCall(name, argument, found)
		}
		for _, item := range v {
			collect(item, found)
		}
	}
}

func collectCall(name string, argument any, found map[string]bool) {
	switch name {
	case "Ref":
		if id, ok := argument.(string); ok {
			found[id] = true
		}
	case "Fn::GetAtt":
		switch v := argument.(type) {
		case string:
			id, _, _ := strings.Cut(v, ".")
			found[id] = true
		case []any:
			if len(v) > 0 {
				if id, ok := v[0].(string); ok {
					found[id] = true
				}
			}
		}
	case "Fn::Sub":
		format, variables, err := subArguments(argument)
		if err != nil {
			return // reported when it is resolved
		}
		for _, piece := range parseSub(format) {
			id, _, _ := strings.Cut(piece.text, ".")
			if _, own := variables[piece.text]; piece.reference && !own {
				found[id] = true
			}
		}
	}
}
