package plan

import (
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/template"
)

// Stack is one stack of the plan.
type Stack struct {
	*assembly.Stack
	plan      *Plan
	parent    *Stack // of a nested stack
	resolver  *template.Resolver
	resources map[string]*Resource
	Outputs   []template.Output
	state     state
	err       error
}

type state int

const (
	untouched state = iota
	resolving
	resolved
)

// Resource is a resource of the plan.
type Resource struct {
	stack     *Stack
	LogicalID string
	kind      string // the CloudFormation type
	// Label is the name in logs and lists, such as "Chat/SendMessage".
	Label string
	// attributes are the results of Fn::GetAtt. The result of Ref is under
	// template.RefAttribute.
	attributes map[string]any
}

// refer sets the result of Ref, and the ARN unless it is empty.
func (r *Resource) refer(ref, arn string) {
	r.attributes[template.RefAttribute] = ref
	if arn != "" {
		r.attributes["Arn"] = arn
	}
}

// name returns the given name, or a generated one.
func (r *Resource) name(given string, limit int) string {
	if given != "" {
		return given
	}
	return physicalName(r.stack.Name, r.LogicalID, limit)
}

func (r *Resource) String() string { return fmt.Sprintf("%s (%s)", r.LogicalID, r.kind) }

// open parses a stack's template and finds the resources that exist.
func (p *Plan) open(s *assembly.Stack) (*Stack, error) {
	parsed, err := template.Parse(s.Template)
	if err != nil {
		return nil, err
	}
	planned := &Stack{Stack: s, plan: p, resources: map[string]*Resource{}}
	planned.resolver = template.NewResolver(parsed, template.Scope{
		Region:    Region,
		AccountID: Account,
		Partition: partition,
		URLSuffix: urlSuffix,
		StackName: s.Name,
		StackID:   stackID(s.Name),
		Arguments: s.Parameters,
		Attribute: planned.attribute,
		Import:    p.importValue,
		Parameter: p.ssmValue,
	})
	existing, err := planned.resolver.Resources()
	if err != nil {
		return nil, err
	}
	for _, r := range existing {
		planned.resources[r.LogicalID] = &Resource{
			stack:      planned,
			LogicalID:  r.LogicalID,
			kind:       r.Type,
			Label:      label(s, &r),
			attributes: map[string]any{},
		}
	}
	return planned, nil
}

// attribute returns an attribute that planning a resource has set.
func (s *Stack) attribute(logicalID, name string) (any, bool) {
	r := s.resources[logicalID]
	if r == nil {
		return nil, false
	}
	if value, ok := r.attributes[name]; ok {
		return value, true
	}
	switch {
	case r.kind == crossRegionReader:
		return s.plan.crossRegionValue(name)
	case strings.HasPrefix(r.kind, network):
		return shortID(17, s.Name, logicalID, name), true // the network does not exist
	}
	return nil, false
}

// top returns the outermost stack around this one, or the stack itself.
func (s *Stack) top() *Stack {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// stackID returns the ARN of a stack.
func stackID(name string) string {
	return ARN("cloudformation", "stack/"+name+"/"+UUID(name))
}

// label returns the name of a resource in logs and lists: the construct path inside
// its stack, else the logical ID. Uninformative path ends are cut:
// "Chat/Send/Function/Resource" of a function becomes "Chat/Send".
func label(s *assembly.Stack, r *template.Resource) string {
	path := s.ConstructPath(r.LogicalID)
	if path == "" {
		path, _ = r.Metadata["aws:cdk:path"].(string)
	}
	path = strings.TrimPrefix(path, s.DisplayName+"/")
	kind := strings.TrimPrefix(r.Type[strings.LastIndex(r.Type, ":")+1:], "Global")
	for _, end := range []string{"Resource", kind} {
		path = strings.TrimSuffix(path, "/"+end)
	}
	if path == "" || path == "Resource" {
		return r.LogicalID
	}
	return path
}
