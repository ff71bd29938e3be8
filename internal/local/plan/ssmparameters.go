package plan

import "github.com/roomcast/roomcast/internal/local/secrets"

// SSMParameter is a parameter of SSM's Parameter Store, which are something
// else than those of templates. Its value is in the secret store.
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

// ssmValue is the value of a parameter that a template reads by its name:
// one that has been planned, or one of a stack that has yet to be.
func (p *Plan) ssmValue(name string) (string, bool) {
	var value string
	found := p.inAnyStack(func() (ok bool) {
		value, ok = p.SecretStore.ParameterValue(name)
		return ok
	})
	return value, found
}

// inAnyStack looks for something now, and again after each stack that is
// resolved for it. What is wrong with such a stack is said when its turn comes.
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
