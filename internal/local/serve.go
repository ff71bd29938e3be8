package local

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/local/gateway"
)

// serve makes the gateways and begins to accept connections.
func (c *Cloud) serve() error {
	bucket := c.options.requests()
	for _, s := range c.servers {
		for _, stage := range s.api.stages {
			name := stage.properties.StageName
			g, err := gateway.New(gateway.Config{
				APIID:     s.api.id,
				Stage:     name,
				Region:    region,
				AccountID: account,
				// AWS's own name would lead a function that makes its callback
				// URL from the event out to the internet.
				DomainName:     s.domain(),
				StageVariables: stage.variables(c.urls),
				RouteSelection: s.api.selection,
				Routes:         c.routes(s.api, stage),
				IdleTimeout:    c.options.IdleTimeout,
				MaxAge:         c.options.MaxAge,
				Account:        bucket,
				Authorize:      c.authorize,
				Faults:         c.options.Faults,
				Meter:          c.meter,
				Refused:        s.refusals.add,
				Observe:        c.options.Observe,
				Logger:         newLogger(s.api.label, c.options.Logs),
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

// routes gives the API's routes their functions.
func (c *Cloud) routes(a *api, stage *apiStage) map[string]gateway.Route {
	routes := map[string]gateway.Route{}
	for _, r := range a.routes {
		key := r.properties.RouteKey
		made := gateway.Route{
			Key: key, ReturnResponse: r.twoWay, Limit: stage.limit(key), IAM: r.properties.AuthorizationType == "AWS_IAM",
		}
		if r.authorizer != nil {
			made.Authorizer = c.authorizer(a, r.authorizer)
		}
		if i := r.integration; i != nil {
			made.Timeout = i.timeout()
			if i.function != nil {
				made.Target = c.target(a, stage.properties.StageName, key, i.function)
				made.Function = i.function.label
			}
		}
		routes[key] = made
	}
	return routes
}

func (c *Cloud) target(a *api, stage, key string, f *function) gateway.Invoker {
	if !c.plan.mayInvoke(f, a, stage, key) {
		return denied{apiGateway, f.label, arn("execute-api", a.id+"/"+stage+"/"+key)}
	}
	return target{c.functions[f]}
}

// denied stands before a function that a service has no permission to call.
type denied struct {
	service          invoker
	function, source string
}

func (d denied) Invoke(context.Context, []byte) ([]byte, error) {
	return nil, fmt.Errorf("%s may not call function %s: give it an AWS::Lambda::Permission for %s and %s",
		d.service.name, d.function, d.service.principal, d.source)
}
