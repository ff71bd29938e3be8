package local

import (
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/template"
)

// stack is one stack while its template is being resolved.
type stack struct {
	*assembly.Stack
	plan      *plan
	parent    *stack // of a nested stack
	resolver  *template.Resolver
	resources map[string]*resource
	outputs   []template.Output
	state     state
	err       error
}

type state int

const (
	untouched state = iota
	resolving
	resolved
)

// resource is a resource that exists in the local cloud.
type resource struct {
	stack     *stack
	logicalID string
	kind      string // the CloudFormation type
	// label is the name by which people know it: "Chat/SendMessage".
	label string
	// attributes are what Fn::GetAtt yields, and Ref under template.RefAttribute.
	attributes map[string]any
}

// refer sets what a Ref to the resource yields, and its ARN unless empty.
func (r *resource) refer(ref, arn string) {
	r.attributes[template.RefAttribute] = ref
	if arn != "" {
		r.attributes["Arn"] = arn
	}
}

// name is a resource's name: the one it was given, or one made up.
func (r *resource) name(given string, limit int) string {
	if given != "" {
		return given
	}
	return physicalName(r.stack.Name, r.logicalID, limit)
}

func (r *resource) String() string { return fmt.Sprintf("%s (%s)", r.logicalID, r.kind) }

// open parses a stack's template and learns which resources exist.
func (p *plan) open(s *assembly.Stack) (*stack, error) {
	parsed, err := template.Parse(s.Template)
	if err != nil {
		return nil, err
	}
	planned := &stack{Stack: s, plan: p, resources: map[string]*resource{}}
	planned.resolver = template.NewResolver(parsed, template.Scope{
		Region:    region,
		AccountID: account,
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
		planned.resources[r.LogicalID] = &resource{
			stack:      planned,
			logicalID:  r.LogicalID,
			kind:       r.Type,
			label:      label(s, &r),
			attributes: map[string]any{},
		}
	}
	return planned, nil
}

// attribute is the scope's: what the planning of a resource has left in it.
func (s *stack) attribute(logicalID, name string) (any, bool) {
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
		return shortID(17, s.Name, logicalID, name), true // for a network that is not there
	}
	return nil, false
}

// top is the stack that this one is nested in, or itself.
func (s *stack) top() *stack {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// stackID is the ARN of a stack.
func stackID(name string) string {
	return arn("cloudformation", "stack/"+name+"/"+uuid(name))
}

// label is the name by which logs and lists call a resource: the construct
// path inside its stack, else the logical id. Path ends that say nothing are
// cut: "Chat/Send/Function/Resource" of a function is "Chat/Send".
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
