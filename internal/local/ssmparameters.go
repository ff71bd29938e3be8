package local

import "github.com/roomcast/roomcast/internal/local/secrets"

// ssmParameter is a parameter of SSM's Parameter Store, which are something
// else than those of templates. Its value is in the secret store.
type ssmParameter struct {
	*resource
	name string
}

type ssmParameterProperties struct {
	Name     string
	Type     string
	DataType string
	Value    scalar
}

func (p *plan) addSSMParameter(r *resource, values map[string]any) ([]string, error) {
	var properties ssmParameterProperties
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	s := &ssmParameter{resource: r, name: properties.Name}
	if s.name == "" {
		s.name = "CFN-" + r.logicalID + "-" + fingerprint(12, mixed, r.stack.Name, r.logicalID)
	}
	r.refer(s.name, "")
	r.attributes["Type"] = properties.Type
	r.attributes["Value"] = string(properties.Value)
	p.ssmParameters = append(p.ssmParameters, s)
	_, err = p.secretStore.AddParameter(secrets.Parameter{
		Name: s.name, Type: properties.Type, DataType: properties.DataType, Value: string(properties.Value),
	})
	return ignored, err
}

// ssmValue is the value of a parameter that a template reads by its name:
// one that has been planned, or one of a stack that has yet to be.
func (p *plan) ssmValue(name string) (string, bool) {
	var value string
	found := p.inAnyStack(func() (ok bool) {
		value, ok = p.secretStore.ParameterValue(name)
		return ok
	})
	return value, found
}

// inAnyStack looks for something now, and again after each stack that is
// resolved for it. What is wrong with such a stack is said when its turn comes.
func (p *plan) inAnyStack(found func() bool) bool {
	if found() {
		return true
	}
	for _, s := range p.stacks {
		if s.state == untouched && p.resolve(s) == nil && found() {
			return true
		}
	}
	return false
}
