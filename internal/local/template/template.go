package template

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Template is a parsed template whose intrinsic functions are not yet resolved.
type Template struct {
	// Resources are the template's resources in the order of the text, those
	// of an unmet condition among them (Resolver.Resources drops these).
	Resources []Resource

	resources  map[string]*Resource
	parameters map[string]parameter
	mappings   map[string]map[string]map[string]any
	conditions map[string]any
	outputs    map[string]output
}

// Resource is a resource as the template writes it.
type Resource struct {
	// LogicalID is the resource's name in the template.
	LogicalID string `json:"-"`
	// Type is the CloudFormation type, such as "AWS::SQS::Queue".
	Type string
	// Properties are unresolved; Resolver.Properties resolves them.
	Properties map[string]any
	// Metadata is unresolved too. CDK puts the construct path here, under
	// "aws:cdk:path", when asked to.
	Metadata map[string]any
	// Condition names the condition under which the resource exists, or is empty.
	Condition string
	// DependsOn lists the resources to be made before this one, beside those
	// that its properties refer to.
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

// Parse reads a template. Numbers keep the text they have in it, because
// CloudFormation joins that text. The error says what is no template.
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
		return nil, fmt.Errorf("the template uses the transform %v, which only CloudFormation can run: take it out", raw.Transform)
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

// parseResources walks the object key by key: a map would lose the order in
// which the app's author wrote the resources.
func (t *Template) parseResources(data json.RawMessage) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("not a CloudFormation template: Resources is no object")
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
