package template

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Template is a parsed template with unresolved intrinsic functions.
type Template struct {
	// Resources are the template's resources in their order, including those with
	// an unmet condition, which Resolver.Resources drops.
	Resources []Resource

	resources  map[string]*Resource
	parameters map[string]parameter
	mappings   map[string]map[string]map[string]any
	conditions map[string]any
	outputs    map[string]output
}

// Resource is a resource of a template.
type Resource struct {
	// LogicalID is the resource's name in the template.
	LogicalID string `json:"-"`
	// Type is the CloudFormation type, such as "AWS::SQS::Queue".
	Type string
	// Properties are unresolved; Resolver.Properties resolves them.
	Properties map[string]any
	// Metadata is unresolved. CDK can put the construct path here, under
	// "aws:cdk:path".
	Metadata map[string]any
	// Condition is the name of the condition under which the resource exists, or
	// empty.
	Condition string
	// DependsOn are the resources to create before this one, besides those that its
	// properties refer to.
	DependsOn names
}

type output struct {
	Value     any
	Condition string
	Export    *struct{ Name any }
}

// names is a list of names that may be written as one string.
type names []string

func (n *names) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*n = names{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(n))
}

// Parse parses a template. Numbers keep their text, because CloudFormation joins
// that text. Errors describe what is invalid.
func Parse(data []byte) (*Template, error) {
	var raw struct {
		Parameters map[string]parameter
		Mappings   map[string]map[string]map[string]any
		Conditions map[string]any
		Resources  json.RawMessage
		Outputs    map[string]output
		Transform  any
	}
	if err := decode(data, &raw); err != nil {
		return nil, fmt.Errorf("not a CloudFormation template: %w", err)
	}
	if raw.Transform != nil {
		return nil, fmt.Errorf("the transform %v runs on CloudFormation only: remove it from the template", raw.Transform)
	}
	t := &Template{
		resources:  map[string]*Resource{},
		parameters: raw.Parameters,
		mappings:   raw.Mappings,
		conditions: raw.Conditions,
		outputs:    raw.Outputs,
	}
	if err := t.parseResources(raw.Resources); err != nil {
		return nil, err
	}
	return t, nil
}

// parseResources reads the object key by key, because a map would lose the order.
func (t *Template) parseResources(data json.RawMessage) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("not a CloudFormation template: expected an object in Resources")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("not a CloudFormation template: %w", err)
		}
		id := key.(string) // d.More and valid JSON: only a key can follow
		resource := &Resource{}
		if err := d.Decode(resource); err != nil {
			return fmt.Errorf("resource %s: %w", id, err)
		}
		if resource.Type == "" {
			return fmt.Errorf("resource %s has no Type", id)
		}
		if t.resources[id] != nil {
			return fmt.Errorf("resource %s is defined twice", id)
		}
		resource.LogicalID = id
		t.resources[id] = resource
		t.Resources = append(t.Resources, *resource)
	}
	return nil
}

func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}
