package local

import (
	"errors"
	"os"
	"slices"
	"sync"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/plan"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// Cloud is a running cloud assembly. Its methods may be called from any
// goroutine.
type Cloud struct {
	options Options
	plan    *plan.Plan
	urls    *localizer

	engines   []*engines.Engine
	endpoint  *awsendpoint.Endpoint
	functions map[*plan.Function]*functions.Function
	sources   []closer
	servers   []*apiServer
	keys      *access.Keys
	admin     access.Credentials // the cloud's own
	meter     *usage.Meter
	node      string // path of the Node program, if a function needs it
	temp      string // the cloud's temporary folder, "" until it is needed
	authority string // certificate file that JavaScript functions trust

	failed    chan error
	closing   chan struct{}
	closeOnce sync.Once
	closeErr  error
}

type closer interface{ Close() error }

// APIs returns the stages of the WebSocket APIs, in the order of the templates. The
// first API listens on Options.Port.
func (c *Cloud) APIs() []API {
	var apis []API
	for _, s := range c.servers {
		for _, stage := range s.api.Stages {
			name := stage.Properties.StageName
			apis = append(apis, API{
				ID:           s.api.ID,
				LogicalID:    s.api.LogicalID,
				Stage:        name,
				WebSocketURL: "ws://" + s.host() + "/" + name,
				CallbackURL:  "http://" + s.host() + "/" + name,
				Guarded:      slices.ContainsFunc(s.api.Routes, (*plan.Route).Guarded),
			})
		}
	}
	return apis
}

// Outputs returns the resolved outputs of the stacks by name, with the URLs of this
// cloud. If two stacks have an output of the same name, both are named
// "<stack>.<name>".
func (c *Cloud) Outputs() map[string]string {
	times := map[string]int{}
	for _, s := range c.plan.Stacks {
		for _, output := range s.Outputs {
			times[output.Name]++
		}
	}
	outputs := map[string]string{}
	for _, s := range c.plan.Stacks {
		for _, output := range s.Outputs {
			name := output.Name
			if times[name] > 1 {
				name = s.Name + "." + name
			}
			outputs[name] = c.urls.localize(outputText(output.Value))
		}
	}
	return outputs
}

// Endpoint returns the URL of the AWS endpoint that functions see. Requests must be
// signed with Credentials or those of a function, unless Options.DisableIAM is set.
func (c *Cloud) Endpoint() string { return c.endpoint.URL() }

// Environment returns environment variables with which the AWS SDKs, boto3 and the
// AWS CLI reach this cloud, and nothing else, as an administrator. Set all of them:
// some replace variables that a shell may have set for an account, such as the
// endpoint of one service.
func (c *Cloud) Environment() map[string]string {
	endpoint := c.Endpoint()
	return map[string]string{
		"AWS_ENDPOINT_URL":                    endpoint,
		"AWS_ENDPOINT_URL_DYNAMODB":           endpoint,
		"AWS_ENDPOINT_URL_SQS":                endpoint,
		"AWS_ENDPOINT_URL_SECRETS_MANAGER":    endpoint,
		"AWS_ENDPOINT_URL_SSM":                endpoint,
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
		"AWS_REGION":                          plan.Region,
		"AWS_DEFAULT_REGION":                  plan.Region, // boto3 reads only this one
		"AWS_ACCESS_KEY_ID":                   c.admin.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":               c.admin.SecretAccessKey,
		"AWS_SESSION_TOKEN":                   c.admin.SessionToken,
	}
}

// Failed receives one error if an engine ends unexpectedly. The cloud cannot be
// used after that; close it.
func (c *Cloud) Failed() <-chan error { return c.failed }

// Close stops everything, callers before the parts that they call. It leaves no
// process, port or file behind. Further calls return the same result.
func (c *Cloud) Close() error {
	c.closeOnce.Do(func() {
		close(c.closing)
		var parts []closer
		for _, s := range c.servers {
			parts = append(parts, s)
		}
		parts = append(parts, c.sources...)
		for _, f := range c.functions {
			parts = append(parts, f)
		}
		if c.endpoint != nil {
			parts = append(parts, c.endpoint)
		}
		for _, part := range parts {
			c.closeErr = errors.Join(c.closeErr, part.Close())
		}
		for _, e := range c.engines {
			e.Close()
		}
		if c.temp != "" {
			c.closeErr = errors.Join(c.closeErr, os.RemoveAll(c.temp))
		}
	})
	return c.closeErr
}
