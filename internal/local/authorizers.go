package local

import (
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/local/gateway"
)

// authorizer is a Lambda authorizer of an API.
type authorizer struct {
	*resource
	id         string
	properties authorizerProperties
	function   *function
}

type authorizerProperties struct {
	ApiId                        string
	AuthorizerType               string
	AuthorizerUri                string
	AuthorizerCredentialsArn     string
	AuthorizerResultTtlInSeconds integer
	IdentitySource               []string
}

func (p *plan) addAuthorizer(r *resource, values map[string]any) ([]string, error) {
	a := &authorizer{resource: r, id: shortID(6, r.stack.Name, r.logicalID)}
	ignored, err := decode(values, &a.properties)
	if err != nil {
		return nil, err
	}
	if kind := a.properties.AuthorizerType; kind != "REQUEST" {
		return nil, fmt.Errorf("its type %s is none that a WebSocket API can have: use REQUEST", kind)
	}
	if a.properties.AuthorizerResultTtlInSeconds != 0 {
		return nil, errors.New("it keeps results, which API Gateway does for HTTP APIs only: leave AuthorizerResultTtlInSeconds out")
	}
	r.refer(a.id, "")
	r.attributes["AuthorizerId"] = a.id
	p.authorizers = append(p.authorizers, a)
	return ignored, nil
}

// link finds the function that the authorizer's URI names.
func (a *authorizer) link(p *plan) error {
	if a.function = p.functionByURI(a.properties.AuthorizerUri); a.function == nil {
		return fmt.Errorf("%s: its URI %q names no function of the app: %s", a, a.properties.AuthorizerUri, outsideRemedy)
	}
	return nil
}

// authorizer gives an authorizer its function. API Gateway needs a permission
// to invoke it, unless it does so in a role of its own.
func (c *Cloud) authorizer(a *api, z *authorizer) *gateway.Authorizer {
	source := arn("execute-api", a.id+"/authorizers/"+z.id)
	made := &gateway.Authorizer{Target: target{c.functions[z.function]}, IdentitySources: z.properties.IdentitySource}
	if z.properties.AuthorizerCredentialsArn == "" && !c.plan.mayBeInvoked(z.function, apiGateway, source) {
		made.Target = denied{apiGateway, z.function.label, source}
	}
	return made
}
