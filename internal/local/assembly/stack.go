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
	// Account and Region are where the app says that the stack belongs, such
	// as "123456789012" and "eu-west-1"; empty where it leaves that open.
	Account, Region string
	// Template is the stack's CloudFormation template, JSON.
	Template []byte

	// Parameters are values for the template's parameters, by name: those in
	// which CDK's legacy synthesizer has deployment say where assets are.
	Parameters map[string]any

	assets map[string]string // object key in the assets bucket → file or folder
	paths  map[string]string // logical id → construct path
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

// readNotes learns the construct path of every logical id, and the assets that
// are in no asset manifest.
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

// ConstructPath returns the path in the construct tree of the resource with
// the given logical id, such as "Prod/Chat/Send/Resource". It is empty when the
// assembly does not say, for example when it was not made by CDK.
func (s *Stack) ConstructPath(logicalID string) string { return s.paths[logicalID] }

// Nested returns the nested stack that the resource with the given logical id
// stands for. template is its template, which is an asset of this stack. It
// shares this one's assets and knows no construct paths of its own.
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
