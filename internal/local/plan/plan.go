package plan

import (
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/secrets"
)

// Plan is what a cloud assembly comes to once everything in it is resolved:
// what is to be started, with which settings. Making it starts nothing. URLs in
// it are AWS's; localizer turns them into those of the running cloud.
type Plan struct {
	Stacks        []*Stack
	Tables        []*Table
	Queues        []*Queue
	Functions     []*Function
	Sources       []*EventSource
	Rules         []*Rule
	Secrets       []*Secret
	SSMParameters []*SSMParameter
	SecretStore   *secrets.Store // the values of both
	secretValues  []string       // values of secrets in the resource that is being planned
	APIs          []*API

	accepted  []*Resource // resources that are not emulated
	ignored   []string    // a line for each resource with properties that are not
	roles     []*role
	policies  []*policy
	logGroups []string // names
	lawless   []error  // why the policies cannot be enforced

	permissions    []*permission
	authorizers    []*Authorizer
	integrations   []*Integration
	routes         []*Route
	routeResponses []*routeResponse
	Stages         []*Stage
}

// New plans an assembly. Everything in it that cannot run is in the error,
// one sentence to a line.
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
	return p, p.settle()
}

// resolve plans the resources of a stack, each after those it refers to, and
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

// importValue finds an export in the other stacks, and resolves these for it
// first. Two stacks that import from each other find nothing, as on AWS.
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
	return nil, fmt.Errorf("no other stack of this cloud assembly exports %q: add the stack that does to the app", name)
}
