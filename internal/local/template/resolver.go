package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Resolver resolves one template against one scope. It is not safe for
// concurrent use.
type Resolver struct {
	template   *Template
	scope      Scope
	conditions map[string]*condition
}

// NewResolver returns a resolver of the template against the scope.
func NewResolver(t *Template, scope Scope) *Resolver {
	return &Resolver{template: t, scope: scope, conditions: map[string]*condition{}}
}

// Resources returns the resources whose condition is met, in the template's
// order.
func (r *Resolver) Resources() ([]Resource, error) {
	var kept []Resource
	for _, resource := range r.template.Resources {
		ok, err := r.exists(&resource)
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, resource)
		}
	}
	return kept, nil
}

func (r *Resolver) exists(resource *Resource) (bool, error) {
	if resource.Condition == "" {
		return true, nil
	}
	met, err := r.condition(resource.Condition)
	if err != nil {
		return false, fmt.Errorf("%s: Condition: %w", resource.LogicalID, err)
	}
	return met, nil
}

// Properties resolves the properties of a resource. Numbers in the result are
// json.Number. Errors name the logical ID and the path.
func (r *Resolver) Properties(logicalID string) (map[string]any, error) {
	resource := r.template.resources[logicalID]
	if resource == nil {
		return nil, fmt.Errorf("unknown resource %s: expected one of the template", logicalID)
	}
	resolved := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(resource.Properties)) {
		v, err := r.resolve(resource.Properties[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", logicalID, at(name, err))
		}
		if v != (noValue{}) {
			resolved[name] = v
		}
	}
	return resolved, nil
}

// Output is a resolved output of a stack.
type Output struct {
	// Name is the output's name in the template.
	Name string
	// Value is the resolved value.
	Value any
	// Export is the name under which other stacks can import the value, or
	// empty.
	Export string
}

// Outputs resolves the outputs whose condition is met, sorted by name.
func (r *Resolver) Outputs() ([]Output, error) {
	var outputs []Output
	for _, name := range slices.Sorted(maps.Keys(r.template.outputs)) {
		raw := r.template.outputs[name]
		if raw.Condition != "" {
			met, err := r.condition(raw.Condition)
			if err != nil {
				return nil, fmt.Errorf("output %s: Condition: %w", name, err)
			}
			if !met {
				continue
			}
		}
		out := Output{Name: name}
		var err error
		if out.Value, err = r.resolve(raw.Value); err != nil {
			return nil, fmt.Errorf("output %s: %w", name, at("Value", err))
		}
		if raw.Export != nil {
			if out.Export, err = r.text(raw.Export.Name); err != nil {
				return nil, fmt.Errorf("output %s: %w", name, at("Export", err))
			}
		}
		outputs = append(outputs, out)
	}
	return outputs, nil
}

// noValue is the value of AWS::NoValue: the member or item that has it is left out.
type noValue struct{}

// resolve resolves a value from the template. The result may be noValue.
func (r *Resolver) resolve(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			resolved, err := r.call(name, argument)
			return resolved, at(name, err)
		}
		return r.object(v)
	case []any:
		return r.list(v)
	}
	return v, nil
}

func (r *Resolver) object(v map[string]any) (any, error) {
	resolved := make(map[string]any, len(v))
	for _, key := range slices.Sorted(maps.Keys(v)) {
		item, err := r.resolve(v[key])
		if err != nil {
			return nil, at(key, err)
		}
		if item != (noValue{}) {
			resolved[key] = item
		}
	}
	return resolved, nil
}

func (r *Resolver) list(v []any) ([]any, error) {
	resolved := make([]any, 0, len(v))
	for i, raw := range v {
		item, err := r.resolve(raw)
		if err != nil {
			return nil, at(strconv.Itoa(i), err)
		}
		if item != (noValue{}) {
			resolved = append(resolved, item)
		}
	}
	return resolved, nil
}

// text resolves a value that must be a string.
func (r *Resolver) text(v any) (string, error) {
	resolved, err := r.resolve(v)
	if err != nil {
		return "", err
	}
	return text(resolved)
}

// pathError is an error at a path in the template, such as
// Environment.Variables.URL.Fn::Join. Each level adds its step to the path.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return e.path + ": " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

// at adds a step to the path of an error. It returns nil for nil.
func at(step string, err error) error {
	if err == nil {
		return nil
	}
	var inner *pathError
	if errors.As(err, &inner) && err == error(inner) {
		return &pathError{step + "." + inner.path, inner.err}
	}
	return &pathError{step, err}
}
