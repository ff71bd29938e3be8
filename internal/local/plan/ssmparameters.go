package plan

import "github.com/roomcast/roomcast/internal/local/secrets"

// SSMParameter is a parameter of SSM Parameter Store, not of a template. Its value
// is in the secret store.
type SSMParameter struct {
	*Resource
	Name string
}

type ssmParameterProperties struct {
	Name     string
	Type     string
	DataType string
	Value    Scalar
}

func (p *Plan) addSSMParameter(r *Resource, values map[string]any) ([]string, error) {
	var properties ssmParameterProperties
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	s := &SSMParameter{Resource: r, Name: properties.Name}
	if s.Name == "" {
		s.Name = "CFN-" + r.LogicalID + "-" + fingerprint(12, mixed, r.stack.Name, r.LogicalID)
	}
	r.refer(s.Name, "")
	r.attributes["Type"] = properties.Type
	r.attributes["Value"] = string(properties.Value)
	p.SSMParameters = append(p.SSMParameters, s)
	_, err = p.SecretStore.AddParameter(secrets.Parameter{
		Name: s.Name, Type: properties.Type, DataType: properties.DataType, Value: string(properties.Value),
	})
	return ignored, err
}

// ssmValue returns the value of a parameter by its name. It resolves other stacks
// if the parameter is not planned yet.
func (p *Plan) ssmValue(name string) (string, bool) {
	var value string
	found := p.inAnyStack(func() (ok bool) {
		value, ok = p.SecretStore.ParameterValue(name)
		return ok
	})
	return value, found
}

// inAnyStack calls found now, and again after each stack that it resolves. It
// ignores errors of such a stack, which are reported when its turn comes.
func (p *Plan) inAnyStack(found func() bool) bool {
	if found() {
		return true
	}
	for _, s := range p.Stacks {
		if s.state == untouched && p.resolve(s) == nil && found() {
			return true
		}
	}
	return false
}
