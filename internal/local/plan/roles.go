package plan

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/iam"
)

// role is an IAM role. Its policies are complete after link.
type role struct {
	*Resource
	access.Role
	properties    roleProperties
	unenforceable []error // why its policies are not fully known
}

type roleProperties struct {
	RoleName          string
	Path              string
	Policies          []inlinePolicy
	ManagedPolicyArns []string

	AssumeRolePolicyDocument any
	Description              string
	MaxSessionDuration       any
	Tags                     any
}

type inlinePolicy struct {
	PolicyName     string
	PolicyDocument json.RawMessage
}

func (p *Plan) addRole(r *Resource, values map[string]any) ([]string, error) {
	e := &role{Resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	e.Name = r.name(e.properties.RoleName, 64)
	e.ID = "AROA" + fingerprint(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", r.stack.Name, r.LogicalID)
	e.ARN = iamARN("role" + pathOf(e.properties.Path) + e.Name)
	r.refer(e.Name, e.ARN)
	r.attributes["RoleId"] = e.ID
	p.roles = append(p.roles, e)
	return ignored, nil
}

// policy is an identity policy in a resource of its own.
type policy struct {
	*Resource
	arn        string // of a managed policy; else ""
	properties policyProperties
}

type policyProperties struct {
	PolicyName        string
	ManagedPolicyName string
	Path              string
	PolicyDocument    json.RawMessage
	Roles             []string

	Description   string
	Users, Groups []string // ignored: users and groups make no calls here
}

func (p *Plan) addPolicy(r *Resource, values map[string]any) ([]string, error) {
	e := &policy{Resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	r.refer(r.name(e.properties.PolicyName, 128), "")
	p.policies = append(p.policies, e)
	return ignored, nil
}

func (p *Plan) addManagedPolicy(r *Resource, values map[string]any) ([]string, error) {
	e := &policy{Resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	e.arn = iamARN("policy" + pathOf(e.properties.Path) + r.name(e.properties.ManagedPolicyName, 128))
	r.refer(e.arn, e.arn)
	r.attributes["PolicyArn"] = e.arn
	p.policies = append(p.policies, e)
	return ignored, nil
}

// pathOf returns the path of a role or policy, "/" by default.
func pathOf(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// linkRoles assigns policies to roles, and roles to functions. It collects what
// cannot be enforced in p.unenforceable, which matters only if IAM is on.
func (p *Plan) linkRoles() {
	managed := map[string]*iam.Policy{}
	for _, e := range p.policies {
		parsed, err := iam.Parse(e.properties.PolicyDocument)
		if err != nil {
			p.unenforceable = append(p.unenforceable, fmt.Errorf("%s: %w", e, err))
			continue
		}
		if e.arn != "" {
			managed[e.arn] = parsed
		}
		for _, r := range p.roles {
			if slices.Contains(e.properties.Roles, r.Name) {
				r.Policies = append(r.Policies, parsed)
			}
		}
	}
	for _, r := range p.roles {
		r.link(managed)
	}
	for _, f := range p.Functions {
		i := slices.IndexFunc(p.roles, func(r *role) bool { return r.ARN == f.roleARN })
		if i < 0 && f.roleARN == "" {
			continue // it has no permissions
		}
		if i < 0 {
			p.unenforceable = append(p.unenforceable, fmt.Errorf("%s: unknown role %q: define it in the app so that its permissions are known, or turn IAM off", f, f.roleARN))
			continue
		}
		f.role = p.roles[i]
		p.unenforceable = append(p.unenforceable, f.role.unenforceable...)
		f.role.unenforceable = nil // reported once
	}
}

// link adds the policies that the role itself lists.
func (r *role) link(managed map[string]*iam.Policy) {
	for _, inline := range r.properties.Policies {
		parsed, err := iam.Parse(inline.PolicyDocument)
		if err != nil {
			r.unenforceable = append(r.unenforceable, fmt.Errorf("%s: its policy %s: %w", r, inline.PolicyName, err))
			continue
		}
		r.Policies = append(r.Policies, parsed)
	}
	for _, arn := range r.properties.ManagedPolicyArns {
		parsed := managed[arn]
		if parsed == nil {
			parsed = iam.Managed(arn)
		}
		if parsed == nil {
			r.unenforceable = append(r.unenforceable, fmt.Errorf("%s: unknown managed policy %s: write the needed statements into the app, or turn IAM off", r, arn))
			continue
		}
		r.Policies = append(r.Policies, parsed)
	}
}

func (r *role) String() string { return r.Resource.String() }

// iamARN returns the ARN of an IAM resource, which has no Region.
func iamARN(name string) string { return "arn:" + partition + ":iam::" + Account + ":" + name }
