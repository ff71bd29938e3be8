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

	assets map[string]string // object key in the assets bucket → file or folder
	paths  map[string]string // logical id → construct path
}

func readStack(dir, id string, m *manifest) (*Stack, error) {
	a := m.artifacts[id]
	s := &Stack{
		Name:        a.Properties.StackName,
		DisplayName: a.DisplayName,
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
	return s, s.readPaths(dir, a)
}

// readPaths learns the construct path of every logical id.
func (s *Stack) readPaths(dir string, a artifact) error {
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
			if entry.Type == "aws:cdk:logicalId" && json.Unmarshal(entry.Data, &logicalID) == nil {
				s.paths[logicalID] = strings.TrimPrefix(path, "/")
			}
		}
	}
	return nil
}

// ConstructPath returns the path in the construct tree of the resource with
// the given logical id, such as "Prod/Chat/Send/Resource". It is empty when the
// assembly does not say, for example when it was not made by CDK.
func (s *Stack) ConstructPath(logicalID string) string { return s.paths[logicalID] }
