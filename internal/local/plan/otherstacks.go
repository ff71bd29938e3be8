package plan

import (
	"errors"
	"fmt"
	"os"
	"path"
)

// nestedStackProperties are those of a nested stack.
type nestedStackProperties struct {
	TemplateURL string
	Parameters  map[string]any
}

// addNestedStack plans all that a nested stack holds. Its template is an asset
// of the stack that it is nested in.
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

// CDK hands values from the stacks of one Region to those of another through a
// custom resource in each.
const (
	crossRegionWriter = "Custom::CrossRegionExportWriter"
	crossRegionReader = "Custom::CrossRegionExportReader"
)

// crossRegionValue is a value that a stack reads from one of another Region. It
// is found in any stack, resolved now if need be: here all are in one Region.
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

// crossRegionExport is what a stack writes under a name for other Regions. It
// has nothing until it is resolved.
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
