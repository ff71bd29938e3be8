package template

import (
	"errors"
	"fmt"
)

// condition is the state of a named condition during its evaluation, and then its
// value. Caching keeps conditions cheap that refer to each other many times.
type condition struct {
	done bool
	met  bool
	err  error
}

// condition reports whether a condition of the template is met.
func (r *Resolver) condition(name string) (bool, error) {
	if known := r.conditions[name]; known != nil {
		if !known.done {
			return false, fmt.Errorf("condition %s depends on itself", name)
		}
		return known.met, known.err
	}
	raw, ok := r.template.conditions[name]
	if !ok {
		return false, fmt.Errorf("unknown condition %s: expected one of the template", name)
	}
	c := &condition{}
	r.conditions[name] = c
	c.met, c.err = r.evaluate(raw)
	c.err = at("condition "+name, c.err)
	c.done = true
	return c.met, c.err
}

// evaluate evaluates a condition function.
func (r *Resolver) evaluate(raw any) (bool, error) {
	object, ok := raw.(map[string]any)
	if !ok || len(object) != 1 {
		return false, errors.New("expected one condition function")
	}
	var name string
	var argument any
	for name, argument = range object {
	}
	if name == "Condition" {
		other, ok := argument.(string)
		if !ok {
			return false, errors.New("expected the name of a condition")
		}
		return r.condition(other)
	}
	operands, ok := argument.([]any)
	if !ok {
		return false, at(name, errors.New("want a list"))
	}
	met, err := r.evaluateOn(name, operands)
	return met, at(name, err)
}

func (r *Resolver) evaluateOn(name string, operands []any) (bool, error) {
	switch name {
	case "Fn::Equals":
		return r.equals(operands)
	case "Fn::Not":
		if len(operands) != 1 {
			return false, errors.New("expected one condition")
		}
		met, err := r.evaluate(operands[0])
		return !met && err == nil, err
	case "Fn::And", "Fn::Or":
		// One operand may decide, but all are evaluated so that errors in the
		// others are found.
		met := name == "Fn::And"
		for _, operand := range operands {
			one, err := r.evaluate(operand)
			if err != nil {
				return false, err
			}
			if name == "Fn::And" {
				met = met && one
			} else {
				met = met || one
			}
		}
		return met, nil
	}
	return false, errors.New("this condition function does not run locally: write the condition without it")
}

func (r *Resolver) equals(operands []any) (bool, error) {
	if len(operands) != 2 {
		return false, errors.New("expected two values")
	}
	var values [2]string
	for i := range values {
		var err error
		if values[i], err = r.text(operands[i]); err != nil {
			return false, err
		}
	}
	return values[0] == values[1], nil
}
