package local

// identityProperties are the names of a role or policy. Its statements are
// part of the template and accepted; the plan counts what it does not enforce.
type identityProperties struct {
	RoleName          string
	PolicyName        string
	ManagedPolicyName string
}

func (p *plan) addRole(r *resource, values map[string]any) ([]string, error) {
	var properties identityProperties
	if _, err := decode(values, &properties); err != nil {
		return nil, err
	}
	name := r.name(properties.RoleName, 64)
	r.refer(name, iamARN("role/"+name))
	r.attributes["RoleId"] = "AROA" + fingerprint(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", r.stack.Name, r.logicalID)
	p.roles++
	return nil, nil
}

func (p *plan) addPolicy(r *resource, values map[string]any) ([]string, error) {
	var properties identityProperties
	if _, err := decode(values, &properties); err != nil {
		return nil, err
	}
	r.refer(r.name(properties.PolicyName, 128), "")
	p.roles++
	return nil, nil
}

func (p *plan) addManagedPolicy(r *resource, values map[string]any) ([]string, error) {
	var properties identityProperties
	if _, err := decode(values, &properties); err != nil {
		return nil, err
	}
	policy := iamARN("policy/" + r.name(properties.ManagedPolicyName, 128))
	r.refer(policy, policy)
	r.attributes["PolicyArn"] = policy
	p.roles++
	return nil, nil
}

// iamARN names a resource of IAM, which has no region.
func iamARN(name string) string { return "arn:" + partition + ":iam::" + account + ":" + name }
