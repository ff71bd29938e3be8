package plan

import (
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/secrets"
)

// Plan is a resolved cloud assembly: what to start, and with which settings. Its
// URLs are AWS's; package local replaces them by the URLs of the running cloud.
type Plan struct {
	Stacks        []*Stack
	Tables        []*Table
	Queues        []*Queue
	Functions     []*Function
	Sources       []*EventSource
	Rules         []*Rule
	Secrets       []*Secret
	SSMParameters []*SSMParameter
	SecretStore   *secrets.Store // the values of Secrets and SSMParameters
	secretValues  []string       // secret values of the resource that is being planned
	APIs          []*API

	accepted      []*Resource // accepted resources, which are not emulated
	ignored       []string    // a line for each resource with properties that are not emulated
	roles         []*role
	policies      []*policy
	logGroups     []string // names
	unenforceable []error  // why the policies cannot be enforced

	permissions    []*permission
	authorizers    []*Authorizer
	integrations   []*Integration
	routes         []*Route
	routeResponses []*routeResponse
	Stages         []*Stage
}

// New plans an assembly. Its error has one line for each resource that cannot run.
func New(a *assembly.Assembly) (*Plan, error) {
	p := &Plan{SecretStore: secrets.New(secrets.Config{AccountID: Account, Region: Region})}
	var refused []error
	for _, s := range a.Stacks {
		planned, err := p.open(s)
		if err != nil {
			return nil, fmt.Errorf("stack %s: %w", s.Name, err)
		}
		refused = append(refused, planned.refusals()...)
		p.Stacks = append(p.Stacks, planned)
	}
	if len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	for _, s := range p.Stacks {
		if err := p.resolve(s); err != nil {
			return nil, fmt.Errorf("stack %s: %w", s.Name, err)
		}
	}
	if err := p.link(); err != nil {
		return nil, err
	}
	return p, p.checkFunctions()
}

// resolve plans the resources of a stack, each after those that it refers to, and
// resolves the outputs.
func (p *Plan) resolve(s *Stack) error {
	if s.state == untouched {
		s.state = resolving
		s.err = p.resolveAll(s)
		s.state = resolved
	}
	return s.err
}

func (p *Plan) resolveAll(s *Stack) error {
	order, err := s.resolver.Order()
	if err != nil {
		return err
	}
	for _, id := range order {
		if err := p.add(s.resources[id]); err != nil {
			return err
		}
	}
	if s.Outputs, err = s.resolver.Outputs(); err != nil {
		return err
	}
	for i := range s.Outputs {
		s.Outputs[i].Value = environmentOf(s.Stack).localize(s.Outputs[i].Value)
	}
	return nil
}

// importValue returns an exported value of another stack, which it resolves first.
// As on AWS, two stacks that import from each other find nothing.
func (p *Plan) importValue(name string) (any, error) {
	for _, s := range p.Stacks {
		if s.state == resolving {
			continue
		}
		if err := p.resolve(s); err != nil {
			return nil, fmt.Errorf("stack %s: %w", s.Name, err)
		}
		for _, output := range s.Outputs {
			if output.Export == name {
				return output.Value, nil
			}
		}
	}
	return nil, fmt.Errorf("no other stack of this cloud assembly exports %q: add the exporting stack to the app", name)
}
