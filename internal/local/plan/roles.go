package plan

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/iam"
)

// role is an IAM role. Its policies are complete once the plan is linked.
type role struct {
	*Resource
	access.Role
	properties roleProperties
	lawless    []error // why what it allows is not known
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

// policy is an identity policy that is a resource of its own.
type policy struct {
	*Resource
	arn        string // of a managed policy, else ""
	properties policyProperties
}

type policyProperties struct {
	PolicyName        string
	ManagedPolicyName string
	Path              string
	PolicyDocument    json.RawMessage
	Roles             []string

	Description   string
	Users, Groups []string // there are none that could call
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

// pathOf is a role's or policy's path, "/" if it has none.
func pathOf(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// linkRoles gives the roles their policies and the functions their roles. What
// cannot be enforced is kept in p.lawless: it only matters when IAM is on.
func (p *Plan) linkRoles() {
	managed := map[string]*iam.Policy{}
	for _, e := range p.policies {
		parsed, err := iam.Parse(e.properties.PolicyDocument)
		if err != nil {
			p.lawless = append(p.lawless, fmt.Errorf("%s: %w", e, err))
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
			continue // it may do nothing
		}
		if i < 0 {
			p.lawless = append(p.lawless, fmt.Errorf("%s: its role %q is not defined in the app, so that nobody here knows what it may do: define it, or turn IAM off", f, f.roleARN))
			continue
		}
		f.role = p.roles[i]
		p.lawless = append(p.lawless, f.role.lawless...)
		f.role.lawless = nil // said once
	}
}

// link adds the policies that the role itself lists.
func (r *role) link(managed map[string]*iam.Policy) {
	for _, inline := range r.properties.Policies {
		parsed, err := iam.Parse(inline.PolicyDocument)
		if err != nil {
			r.lawless = append(r.lawless, fmt.Errorf("%s: its policy %s: %w", r, inline.PolicyName, err))
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
			r.lawless = append(r.lawless, fmt.Errorf("%s: what its managed policy %s allows is not known here: write the statements that are needed into the app, or turn IAM off", r, arn))
			continue
		}
		r.Policies = append(r.Policies, parsed)
	}
}

func (r *role) String() string { return r.Resource.String() }

// iamARN names a resource of IAM, which has no region.
func iamARN(name string) string { return "arn:" + partition + ":iam::" + Account + ":" + name }
