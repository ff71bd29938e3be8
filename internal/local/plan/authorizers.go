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

// AuthorizerProperties are the properties of AWS::ApiGatewayV2::Authorizer that
// run locally.
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
		return nil, fmt.Errorf("invalid AuthorizerType %q: expected REQUEST, the only type for WebSocket APIs", kind)
	}
	if a.Properties.AuthorizerResultTtlInSeconds != 0 {
		return nil, errors.New("invalid AuthorizerResultTtlInSeconds: API Gateway caches results for HTTP APIs only; remove it")
	}
	r.refer(a.ID, "")
	r.attributes["AuthorizerId"] = a.ID
	p.authorizers = append(p.authorizers, a)
	return ignored, nil
}

// link finds the function that the authorizer's URI names.
func (a *Authorizer) link(p *Plan) error {
	if a.Function = p.functionByURI(a.Properties.AuthorizerUri); a.Function == nil {
		return fmt.Errorf("%s: invalid AuthorizerUri %q: expected the URI of a function in the app; %s", a, a.Properties.AuthorizerUri, outsideRemedy)
	}
	return nil
}
