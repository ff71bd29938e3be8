package plan

import (
	"encoding/json"
	"errors"

	"github.com/roomcast/roomcast/internal/local/secrets"
)

// Secret is a Secrets Manager secret. Its value is in the secret store.
type Secret struct {
	*Resource
	Name string
}

type secretProperties struct {
	Name                 string
	Description          string
	SecretString         *hidden
	GenerateSecretString *generatedSecret
	Tags                 []secrets.Tag
}

// generatedSecret has the options for a generated value.
type generatedSecret struct {
	PasswordLength          Integer
	ExcludeCharacters       string
	ExcludeLowercase        Bool
	ExcludeUppercase        Bool
	ExcludeNumbers          Bool
	ExcludePunctuation      Bool
	IncludeSpace            Bool
	RequireEachIncludedType Bool
	SecretStringTemplate    *hidden
	GenerateStringKey       string
}

// UnmarshalJSON reads the options over Secrets Manager's defaults.
func (g *generatedSecret) UnmarshalJSON(data []byte) error {
	type plain generatedSecret
	*g = generatedSecret{PasswordLength: 32, RequireEachIncludedType: true}
	return json.Unmarshal(data, (*plain)(g))
}

func (p *Plan) addSecret(r *Resource, values map[string]any) ([]string, error) {
	var properties secretProperties
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	value, err := properties.value()
	if err != nil {
		return nil, err
	}
	// CloudFormation leaves the stack out of these names. CDK finds the name in an
	// ARN because it has one hyphen.
	s := &Secret{Resource: r, Name: properties.Name}
	if s.Name == "" {
		s.Name = r.LogicalID + "-" + fingerprint(12, mixed, r.stack.Name, r.LogicalID)
	}
	id := ARN("secretsmanager", "secret:"+s.Name+"-"+fingerprint(6, mixed, r.stack.Name, r.LogicalID, s.Name))
	r.refer(id, "")
	r.attributes["Id"] = id
	p.Secrets = append(p.Secrets, s)
	return ignored, p.SecretStore.AddSecret(secrets.Secret{
		Name: s.Name, ARN: id, Description: properties.Description, Tags: properties.Tags, Value: value,
	})
}

// mixed has the characters that Secrets Manager appends to names.
const mixed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// value returns the initial value, or nil if the template has none.
func (s *secretProperties) value() (*string, error) {
	generate := s.GenerateSecretString
	switch {
	case generate != nil && s.SecretString != nil:
		return nil, errors.New("invalid secret: SecretString and GenerateSecretString exclude each other; remove one")
	case generate != nil:
		value, err := generate.value()
		return &value, err
	}
	return (*string)(s.SecretString), nil
}

func (g *generatedSecret) value() (string, error) {
	if (g.SecretStringTemplate == nil) != (g.GenerateStringKey == "") {
		return "", errors.New("invalid GenerateSecretString: SecretStringTemplate and GenerateStringKey need each other; set both or neither")
	}
	password, err := secrets.Password{
		Length:        int(g.PasswordLength),
		Exclude:       g.ExcludeCharacters,
		NoLowercase:   bool(g.ExcludeLowercase),
		NoUppercase:   bool(g.ExcludeUppercase),
		NoNumbers:     bool(g.ExcludeNumbers),
		NoPunctuation: bool(g.ExcludePunctuation),
		Space:         bool(g.IncludeSpace),
		EachKind:      bool(g.RequireEachIncludedType),
	}.Generate()
	if err != nil || g.SecretStringTemplate == nil {
		return password, err
	}
	return secrets.Insert(string(*g.SecretStringTemplate), g.GenerateStringKey, password)
}

// addSecretCompanion plans what belongs to a secret and is not emulated: a database
// attachment, a rotation or a policy. A reference to it yields the secret.
func (p *Plan) addSecretCompanion(r *Resource, values map[string]any) ([]string, error) {
	var properties struct{ SecretId string }
	if _, err := decode(values, &properties); err != nil {
		return nil, err
	}
	r.refer(properties.SecretId, "")
	r.attributes["Id"] = properties.SecretId
	p.accepted = append(p.accepted, r)
	return nil, nil
}

// hidden is a scalar that no error contains.
type hidden string

func (h *hidden) UnmarshalJSON(data []byte) error {
	if (*Scalar)(h).UnmarshalJSON(data) != nil {
		return errors.New("invalid secret value: expected a string")
	}
	return nil
}
