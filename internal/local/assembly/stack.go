package assembly

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
)

// Stack is one CloudFormation stack of an assembly.
type Stack struct {
	// Name is the CloudFormation stack's name, such as "Prod-Chat".
	Name string
	// DisplayName is the stack's construct path, such as "Prod/Chat".
	DisplayName string
	// Account and Region are the stack's environment in the app, such as
	// "123456789012" and "eu-west-1"; empty if the app does not set them.
	Account, Region string
	// Template is the stack's CloudFormation template, JSON.
	Template []byte

	// Parameters has values for the template's parameters, by name: those with
	// which CDK's legacy synthesizer passes the places of assets.
	Parameters map[string]any

	assets map[string]string // object key in the assets bucket → file or folder
	paths  map[string]string // logical ID → construct path
}

func readStack(dir, id string, m *manifest) (*Stack, error) {
	a := m.artifacts[id]
	s := &Stack{
		Name:        a.Properties.StackName,
		DisplayName: a.DisplayName,
		Parameters:  map[string]any{},
		assets:      map[string]string{},
		paths:       map[string]string{},
	}
	s.Account, s.Region = a.environment()
	if s.Name == "" {
		s.Name = id
	}
	if s.DisplayName == "" {
		s.DisplayName = s.Name
	}
	file, err := within(dir, a.Properties.TemplateFile)
	if err != nil {
		return nil, err
	}
	if s.Template, err = os.ReadFile(file); err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	for _, name := range a.Dependencies {
		if dependency := m.artifacts[name]; dependency.Type == typeAssets {
			if err := s.readAssets(dir, dependency.Properties.File); err != nil {
				return nil, err
			}
		}
	}
	return s, s.readNotes(dir, a)
}

// readNotes reads the construct paths of logical IDs, and the assets that are in no
// asset manifest.
func (s *Stack) readNotes(dir string, a artifact) error {
	notes := maps.Clone(a.Metadata)
	if a.MetadataFile != "" {
		file, err := within(dir, a.MetadataFile)
		if err != nil {
			return err
		}
		if err := readJSON(file, &notes); err != nil {
			return err
		}
	}
	for path, entries := range notes {
		for _, entry := range entries {
			var logicalID string
			switch {
			case entry.Type == "aws:cdk:logicalId" && json.Unmarshal(entry.Data, &logicalID) == nil:
				s.paths[logicalID] = strings.TrimPrefix(path, "/")
			case entry.Type == "aws:cdk:asset":
				s.addLegacyAsset(dir, entry.Data)
			}
		}
	}
	return nil
}

// ConstructPath returns the construct path of the resource with a logical ID, such
// as "Prod/Chat/Send/Resource". It is empty if the assembly does not have it, for
// example because CDK did not write the assembly.
func (s *Stack) ConstructPath(logicalID string) string { return s.paths[logicalID] }

// Nested returns the nested stack of the resource with a logical ID. template is
// its template, an asset of this stack. The nested stack shares this one's assets
// and has no construct paths.
func (s *Stack) Nested(logicalID string, template []byte, parameters map[string]any) *Stack {
	return &Stack{
		Name:        s.Name + "-" + logicalID,
		DisplayName: s.DisplayName,
		Account:     s.Account,
		Region:      s.Region,
		Template:    template,
		Parameters:  parameters,
		assets:      s.assets,
		paths:       map[string]string{},
	}
}
