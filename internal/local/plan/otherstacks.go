package plan

import (
	"errors"
	"fmt"
	"os"
	"path"
)

// nestedStackProperties are the properties of a nested stack.
type nestedStackProperties struct {
	TemplateURL string
	Parameters  map[string]any
}

// addNestedStack plans everything in a nested stack. Its template is an asset of
// the outer stack.
func (p *Plan) addNestedStack(r *Resource, values map[string]any) ([]string, error) {
	var properties nestedStackProperties
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	file, err := r.stack.Asset(path.Base(properties.TemplateURL))
	if err != nil {
		return nil, fmt.Errorf("its template: %w", err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read its template: %w", err)
	}
	nested, err := p.open(r.stack.Nested(r.LogicalID, text, properties.Parameters))
	if err != nil {
		return nil, err
	}
	nested.parent = r.stack
	if err := errors.Join(nested.refusals()...); err != nil {
		return nil, err
	}
	if err := p.resolveAll(nested); err != nil {
		return nil, err
	}
	r.refer(stackID(nested.Name), "")
	for _, output := range nested.Outputs {
		r.attributes["Outputs."+output.Name] = output.Value
	}
	return ignored, nil
}

// CDK passes values between stacks of different Regions through a custom resource
// in each stack.
const (
	crossRegionWriter = "Custom::CrossRegionExportWriter"
	crossRegionReader = "Custom::CrossRegionExportReader"
)

// crossRegionValue returns a value that a stack reads from a stack in another
// Region. It searches all stacks and resolves them if needed, because they all
// share one Region here.
func (p *Plan) crossRegionValue(name string) (any, bool) {
	var value any
	found := p.inAnyStack(func() (ok bool) {
		for _, s := range p.Stacks {
			if value, ok = s.crossRegionExport(name); ok {
				return true
			}
		}
		return false
	})
	return value, found
}

// crossRegionExport returns the value that a stack writes for other Regions under a
// name. Before the stack is resolved there is no value.
func (s *Stack) crossRegionExport(name string) (any, bool) {
	if s.state != resolved {
		return nil, false
	}
	for id, r := range s.resources {
		if r.kind != crossRegionWriter {
			continue
		}
		properties, err := s.resolver.Properties(id)
		if err != nil {
			continue
		}
		writer, _ := properties["WriterProps"].(map[string]any)
		exports, _ := writer["exports"].(map[string]any)
		if value, ok := exports[name]; ok {
			return environmentOf(s.Stack).localize(value), true
		}
	}
	return nil, false
}
