package plan

import (
	"errors"
	"fmt"
)

// Authorizer is a Lambda authorizer of an API.
type Authorizer struct {
	*Resource
	ID         string
	Properties AuthorizerProperties
	Function   *Function
}

type AuthorizerProperties struct {
	ApiId                        string
	AuthorizerType               string
	AuthorizerUri                string
	AuthorizerCredentialsArn     string
	AuthorizerResultTtlInSeconds Integer
	IdentitySource               []string
}

func (p *Plan) addAuthorizer(r *Resource, values map[string]any) ([]string, error) {
	a := &Authorizer{Resource: r, ID: shortID(6, r.stack.Name, r.LogicalID)}
	ignored, err := decode(values, &a.Properties)
	if err != nil {
		return nil, err
	}
	if kind := a.Properties.AuthorizerType; kind != "REQUEST" {
		return nil, fmt.Errorf("its type %s is none that a WebSocket API can have: use REQUEST", kind)
	}
	if a.Properties.AuthorizerResultTtlInSeconds != 0 {
		return nil, errors.New("it keeps results, which API Gateway does for HTTP APIs only: leave AuthorizerResultTtlInSeconds out")
	}
	r.refer(a.ID, "")
	r.attributes["AuthorizerId"] = a.ID
	p.authorizers = append(p.authorizers, a)
	return ignored, nil
}

// link finds the function that the authorizer's URI names.
func (a *Authorizer) link(p *Plan) error {
	if a.Function = p.functionByURI(a.Properties.AuthorizerUri); a.Function == nil {
		return fmt.Errorf("%s: its URI %q names no function of the app: %s", a, a.Properties.AuthorizerUri, outsideRemedy)
	}
	return nil
}
