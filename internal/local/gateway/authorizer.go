package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// maxAuthorizerResult is API Gateway's quota for the result of an authorizer, in
// bytes.
const maxAuthorizerResult = 8 << 10

// An Authorizer authorizes handshakes: a Lambda authorizer of type REQUEST, which
// API Gateway has for the route $connect only. As AWS does for WebSocket APIs,
// every handshake invokes it, and results are not cached.
type Authorizer struct {
	// Target is the authorizer's function. Required.
	Target Invoker
	// IdentitySources are required parts of a handshake, such as
	// "route.request.header.Authorization" or "route.request.querystring.token". If
	// one is missing or empty, the answer is 401 and the function is not invoked.
	// Default: none.
	IdentitySources []string

	sources []identitySource // the same, parsed
}

// An authorizerEvent is the event for an authorizer.
type authorizerEvent struct {
	Type                  string              `json:"type"`
	MethodARN             string              `json:"methodArn"`
	Headers               map[string]string   `json:"headers"`
	MultiValueHeaders     map[string][]string `json:"multiValueHeaders"`
	QueryStringParameters map[string]string   `json:"queryStringParameters"`
	MultiValueQuery       map[string][]string `json:"multiValueQueryStringParameters"`
	StageVariables        map[string]string   `json:"stageVariables"`
	RequestContext        requestContext      `json:"requestContext"`
}

// A refusal is the answer to a refused handshake.
type refusal struct {
	status  int
	message string
	reason  string // for the developer; it is not sent to the client
}

func unauthorized(reason string) *refusal {
	return &refusal{http.StatusUnauthorized, "Unauthorized", reason}
}

// admit runs the route's authorizer for a handshake. It returns the values that
// every later event of the connection has, or the reason for a refusal.
func (g *Gateway) admit(c *connection, a *Authorizer, connect event, r *http.Request) (map[string]string, *refusal) {
	e := g.authorizerEvent(connect, r)
	for _, source := range a.sources {
		if source.value(&e) == "" {
			return nil, unauthorized("the handshake has no " + string(source.place) + source.name + ", which the authorizer requires")
		}
	}
	values, err := g.askAuthorizer(a, e)
	var function *FunctionError
	switch {
	case errors.As(err, &function) && function.message() == "Unauthorized":
		return nil, unauthorized(function.reason())
	case errors.Is(err, errDenied):
		return nil, &refusal{http.StatusForbidden, "Forbidden", err.Error()}
	case err != nil:
		g.cfg.Logger.Warn("authorizer failed", "connection", c.id, "error", err)
		return nil, &refusal{http.StatusInternalServerError, "Internal server error", err.Error()}
	}
	return values, nil
}

// authorizerEvent returns the event for a handshake's authorizer. As in AWS's
// example, it has the upgrade headers, which the event of $connect does not have.
func (g *Gateway) authorizerEvent(connect event, r *http.Request) authorizerEvent {
	headers := make(map[string][]string, len(connect.MultiValueHeaders)+3)
	maps.Copy(headers, connect.MultiValueHeaders)
	headers["Connection"] = []string{"upgrade"}
	headers["Upgrade"] = []string{"websocket"}
	headers["content-length"] = []string{"0"}
	query := map[string][]string(r.URL.Query())
	variables := g.cfg.StageVariables
	if variables == nil {
		variables = map[string]string{}
	}
	return authorizerEvent{
		Type:                  "REQUEST",
		MethodARN:             g.arn(routeConnect),
		Headers:               lastValues(headers),
		MultiValueHeaders:     headers,
		QueryStringParameters: lastValues(query),
		MultiValueQuery:       query,
		StageVariables:        variables,
		RequestContext:        connect.RequestContext,
	}
}

// errDenied is returned if the authorizer's policy does not allow the connection.
var errDenied = errors.New("the authorizer's policy does not allow the connection")

// askAuthorizer invokes the function and parses its result. It fails with
// errDenied, a *FunctionError, or an error that describes the problem.
func (g *Gateway) askAuthorizer(a *Authorizer, e authorizerEvent) (map[string]string, error) {
	payload, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode the authorizer's event: %w", err)
	}
	answer, err := g.call(a.Target, maxIntegrationTimeout, payload)
	if err != nil {
		return nil, err
	}
	if len(answer) > maxAuthorizerResult {
		return nil, fmt.Errorf("invalid authorizer result: %d bytes, expected at most %d", len(answer), maxAuthorizerResult)
	}
	var result authorizerResult
	if err := json.Unmarshal(answer, &result); err != nil {
		return nil, fmt.Errorf("invalid authorizer result: %w", err)
	}
	if result.PrincipalID == "" || result.PolicyDocument == nil {
		return nil, errors.New("invalid authorizer result: expected principalId and policyDocument")
	}
	values, err := result.values()
	if err != nil {
		return nil, err
	}
	allowed, err := result.allows(e)
	if err == nil && !allowed {
		err = errDenied
	}
	return values, err
}

// authorizerResult is the result of an authorizer.
type authorizerResult struct {
	PrincipalID    string                     `json:"principalId"`
	PolicyDocument json.RawMessage            `json:"policyDocument"`
	Context        map[string]json.RawMessage `json:"context"`
}

// allows evaluates the result's policy for the handshake that e describes.
func (a *authorizerResult) allows(e authorizerEvent) (bool, error) {
	policy, err := iam.Parse(a.PolicyDocument)
	if err != nil {
		return false, fmt.Errorf("invalid policyDocument of the authorizer: %w", err)
	}
	if unknown := policy.Unknown(); len(unknown) > 0 {
		return false, fmt.Errorf("the conditions %v in the authorizer's policyDocument are not emulated", unknown)
	}
	client := e.RequestContext.Identity
	decision := iam.Policies{policy}.Decide(iam.Request{
		Action: ActionInvoke, Resource: e.MethodARN,
		Context: iam.Context{
			"aws:sourceip":        {client.SourceIP},
			"aws:useragent":       {client.UserAgent},
			"aws:currenttime":     {time.UnixMilli(e.RequestContext.RequestTimeEpoch).UTC().Format(time.RFC3339)},
			"aws:securetransport": {"true"}, // as at the API's public URL
		},
	})
	return decision == iam.Allow, nil
}

// values returns the values in the connection's events: the context, with all
// values as strings, and the principal.
func (a *authorizerResult) values() (map[string]string, error) {
	values := make(map[string]string, len(a.Context)+1)
	for name, raw := range a.Context {
		switch raw[0] {
		case '{', '[':
			return nil, fmt.Errorf("invalid value of %q in the authorizer's context: expected a string, a number or a boolean", name)
		case 'n': // null: no value
		default:
			values[name] = unquote(raw)
		}
	}
	values["principalId"] = a.PrincipalID
	return values, nil
}
