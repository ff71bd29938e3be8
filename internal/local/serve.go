package local

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// serve creates the gateways and starts accepting connections.
func (c *Cloud) serve() error {
	bucket := c.options.requests()
	for _, s := range c.servers {
		for _, stage := range s.api.Stages {
			name := stage.Properties.StageName
			g, err := gateway.New(gateway.Config{
				APIID:     s.api.ID,
				Stage:     name,
				Region:    plan.Region,
				AccountID: plan.Account,
				// With AWS's domain name, a function that builds its callback URL
				// from the event would call AWS.
				DomainName:     s.domain(),
				StageVariables: stageVariables(stage, c.urls),
				RouteSelection: s.api.Selection,
				Routes:         c.routes(s.api, stage),
				IdleTimeout:    c.options.IdleTimeout,
				MaxAge:         c.options.MaxAge,
				Account:        bucket,
				Authorize:      c.authorize,
				Faults:         c.options.Faults,
				Meter:          c.meter,
				Refused:        s.refusals.add,
				Observe:        c.options.Observe,
				Logger:         newLogger(s.api.Label, c.options.Logs),
			})
			if err != nil {
				return fmt.Errorf("%s: %w", s.api, err)
			}
			s.gateways[name] = g
		}
	}
	for _, s := range c.servers {
		s.serve()
	}
	return nil
}

// routes returns the API's routes with their functions.
func (c *Cloud) routes(a *plan.API, stage *plan.Stage) map[string]gateway.Route {
	routes := map[string]gateway.Route{}
	for _, r := range a.Routes {
		key := r.Properties.RouteKey
		made := gateway.Route{
			Key: key, ReturnResponse: r.TwoWay, Limit: routeLimit(stage, key), IAM: r.Properties.AuthorizationType == "AWS_IAM",
		}
		if r.Authorizer != nil {
			made.Authorizer = c.authorizer(a, r.Authorizer)
		}
		if i := r.Integration; i != nil {
			made.Timeout = i.Timeout()
			if i.Function != nil {
				made.Target = c.target(a, stage.Properties.StageName, key, i.Function)
				made.Function = i.Function.Label
			}
		}
		routes[key] = made
	}
	return routes
}

func (c *Cloud) target(a *plan.API, stage, key string, f *plan.Function) gateway.Invoker {
	if !c.plan.MayInvoke(f, a, stage, key) {
		return denied{plan.APIGateway, f.Label, plan.ARN("execute-api", a.ID+"/"+stage+"/"+key)}
	}
	return target{c.functions[f]}
}

// denied is a function that a service has no permission to call. Every call fails.
type denied struct {
	service          plan.Service
	function, source string
}

func (d denied) Invoke(context.Context, []byte) ([]byte, error) {
	return nil, fmt.Errorf("%s lacks the permission to call function %s: add an AWS::Lambda::Permission for %s and %s",
		d.service.Name, d.function, d.service.Principal, d.source)
}

// authorizer returns an authorizer with its function. API Gateway needs a
// permission to call it, unless the authorizer has its own role.
func (c *Cloud) authorizer(a *plan.API, z *plan.Authorizer) *gateway.Authorizer {
	source := plan.ARN("execute-api", a.ID+"/authorizers/"+z.ID)
	made := &gateway.Authorizer{Target: target{c.functions[z.Function]}, IdentitySources: z.Properties.IdentitySource}
	if z.Properties.AuthorizerCredentialsArn == "" && !c.plan.MayBeInvoked(z.Function, plan.APIGateway, source) {
		made.Target = denied{plan.APIGateway, z.Function.Label, source}
	}
	return made
}
