package template

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// intrinsic recognizes a call of an intrinsic function: an object with one member,
// named Ref or Fn::Something.
func intrinsic(v map[string]any) (name string, argument any, ok bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for name, argument = range v {
	}
	return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
}

// call evaluates an intrinsic function. Those of conditions are in condition.go.
func (r *Resolver) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return r.ref(argument)
	case "Fn::GetAtt":
		return r.getAtt(argument)
	case "Fn::Sub":
		return r.sub(argument)
	case "Fn::Join":
		return r.join(argument)
	case "Fn::Split":
		return r.split(argument)
	case "Fn::Select":
		return r.selectItem(argument)
	case "Fn::If":
		return r.choose(argument)
	case "Fn::FindInMap":
		return r.findInMap(argument)
	case "Fn::Base64":
		return r.base64(argument)
	case "Fn::GetAZs":
		return r.zones(argument)
	case "Fn::ImportValue":
		return r.importValue(argument)
	}
	return nil, errors.New("this function does not run locally: write the value without it")
}

func (r *Resolver) ref(argument any) (any, error) {
	name, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("expected a name, not %s", kind(argument))
	}
	if name == "AWS::NoValue" {
		return noValue{}, nil
	}
	if value, ok := r.scope.pseudo(name); ok {
		return value, nil
	}
	if p, ok := r.template.parameters[name]; ok {
		return p.value(name, &r.scope)
	}
	return r.attribute(name, RefAttribute)
}

func (r *Resolver) getAtt(argument any) (any, error) {
	id, attribute, err := r.getAttArguments(argument)
	if err != nil {
		return nil, err
	}
	return r.attribute(id, attribute)
}

// getAttArguments parses both forms of Fn::GetAtt: a list of two, of which the
// attribute may be a function, and "Id.Attribute".
func (r *Resolver) getAttArguments(argument any) (id, attribute string, err error) {
	switch v := argument.(type) {
	case string:
		if id, attribute, ok := strings.Cut(v, "."); ok {
			return id, attribute, nil
		}
	case []any:
		if len(v) != 2 {
			break
		}
		if id, ok := v[0].(string); ok {
			attribute, err := r.text(v[1])
			return id, attribute, at("1", err)
		}
	}
	return "", "", errors.New("expected [logical ID, attribute]")
}

// attribute returns a value from the scope.
func (r *Resolver) attribute(id, attribute string) (any, error) {
	resource := r.template.resources[id]
	if resource == nil {
		if isPseudo(id) {
			return nil, fmt.Errorf("unknown pseudo parameter %s", id)
		}
		return nil, fmt.Errorf("unknown resource or parameter %s: expected one of the template", id)
	}
	exists, err := r.exists(resource)
	if err != nil {
		return nil, err
	}
	if !exists {
		return nil, fmt.Errorf("resource %s does not exist because its condition %s is not met", id, resource.Condition)
	}
	if r.scope.Attribute != nil {
		if value, ok := r.scope.Attribute(id, attribute); ok {
			return value, nil
		}
	}
	if attribute == RefAttribute {
		return nil, fmt.Errorf("resource %s (%s) cannot be referred to locally", id, resource.Type)
	}
	return nil, fmt.Errorf("resource %s (%s) has no attribute %s locally", id, resource.Type, attribute)
}

func (r *Resolver) choose(argument any) (any, error) {
	raw, ok := argument.([]any)
	if !ok || len(raw) != 3 {
		return nil, errors.New("expected [condition, value if met, value if not]")
	}
	name, ok := raw[0].(string)
	if !ok {
		return nil, fmt.Errorf("expected the name of a condition, not %s", kind(raw[0]))
	}
	met, err := r.condition(name)
	if err != nil {
		return nil, err
	}
	if met {
		return r.resolve(raw[1])
	}
	return r.resolve(raw[2])
}

func (r *Resolver) findInMap(argument any) (any, error) {
	raw, ok := argument.([]any)
	if !ok || len(raw) < 3 || len(raw) > 4 {
		return nil, errors.New("expected [map, key, key]")
	}
	var keys [3]string
	for i := range keys {
		var err error
		if keys[i], err = r.text(raw[i]); err != nil {
			return nil, err
		}
	}
	if value, ok := r.template.mappings[keys[0]][keys[1]][keys[2]]; ok {
		return value, nil
	}
	if len(raw) == 4 {
		if options, ok := raw[3].(map[string]any); ok && options["DefaultValue"] != nil {
			return r.resolve(options["DefaultValue"])
		}
	}
	return nil, fmt.Errorf("unknown key %s: expected one of the template's mappings", strings.Join(keys[:], "."))
}

func (r *Resolver) base64(argument any) (any, error) {
	s, err := r.text(argument)
	if err != nil {
		return nil, err
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(s))
	return encoded, bounded(len(encoded))
}

func (r *Resolver) importValue(argument any) (any, error) {
	name, err := r.text(argument)
	if err != nil {
		return nil, err
	}
	if r.scope.Import == nil {
		return nil, fmt.Errorf("no other stack to import %q from", name)
	}
	return r.scope.Import(name)
}
