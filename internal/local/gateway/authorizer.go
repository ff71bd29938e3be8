package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// maxAuthorizerResult is the quota of API Gateway for what an authorizer
// returns, in bytes.
const maxAuthorizerResult = 8 << 10

// An Authorizer decides about handshakes: a Lambda authorizer of type REQUEST,
// which API Gateway has for the route $connect only. Its results are not kept:
// every handshake invokes it, as AWS does for WebSocket APIs.
type Authorizer struct {
	// Target is the authorizer's function. Required.
	Target Invoker
	// IdentitySources are what a handshake has to bring, such as
	// "route.request.header.Authorization" or "route.request.querystring.token".
	// Where one is missing or empty, the answer is 401 and the function is not
	// invoked. Default: none.
	IdentitySources []string

	sources []identitySource // the same, parsed
}

// An authorizerEvent is what an authorizer is invoked with.
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

// A refusal is the answer to a handshake that is not let in.
type refusal struct {
	status  int
	message string
	reason  string // for the developer; the client is not sent it
}

func unauthorized(reason string) *refusal {
	return &refusal{http.StatusUnauthorized, "Unauthorized", reason}
}

// admit asks the route's authorizer about a handshake. It returns the values
// that every event of the connection carries from then on, or else why the
// handshake is refused.
func (g *Gateway) admit(c *connection, a *Authorizer, connect event, r *http.Request) (map[string]string, *refusal) {
	e := g.authorizerEvent(connect, r)
	for _, source := range a.sources {
		if source.value(&e) == "" {
			return nil, unauthorized("the handshake lacks " + string(source.place) + source.name + ", which the authorizer needs")
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

// authorizerEvent is the event of a handshake's authorizer. As in AWS's example,
// it has the headers of the upgrade, which the event of $connect lacks.
func (g *Gateway) authorizerEvent(connect event, r *http.Request) authorizerEvent {
	headers := make(map[string][]string, len(connect.MultiValueHeaders)+3)
	for name, values := range connect.MultiValueHeaders {
		headers[name] = values
	}
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

// errDenied is the error of an authorizer whose policy does not allow the
// connection.
var errDenied = errors.New("the authorizer's policy does not allow the connection")

// askAuthorizer invokes the function and reads what it returns. It fails with
// errDenied, a *FunctionError, or an error that says what is wrong.
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
		return nil, fmt.Errorf("the authorizer returned %d bytes, more than the %d allowed", len(answer), maxAuthorizerResult)
	}
	var result authorizerResult
	if err := json.Unmarshal(answer, &result); err != nil {
		return nil, fmt.Errorf("the authorizer's result is malformed: %w", err)
	}
	if result.PrincipalID == "" || result.PolicyDocument == nil {
		return nil, errors.New("the authorizer's result lacks principalId or policyDocument")
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

// authorizerResult is what an authorizer returns.
type authorizerResult struct {
	PrincipalID    string                     `json:"principalId"`
	PolicyDocument json.RawMessage            `json:"policyDocument"`
	Context        map[string]json.RawMessage `json:"context"`
}

// allows evaluates the result's policy for the handshake that e describes.
func (a *authorizerResult) allows(e authorizerEvent) (bool, error) {
	policy, err := iam.Parse(a.PolicyDocument)
	if err != nil {
		return false, fmt.Errorf("the authorizer's policyDocument is malformed: %w", err)
	}
	if unknown := policy.Unknown(); len(unknown) > 0 {
		return false, fmt.Errorf("the authorizer's policyDocument has conditions that are not emulated: %v", unknown)
	}
	client := e.RequestContext.Identity
	decision := iam.Policies{policy}.Decide(iam.Request{
		Action: ActionInvoke, Resource: e.MethodARN,
		Context: iam.Context{
			"aws:sourceip":        {client.SourceIP},
			"aws:useragent":       {client.UserAgent},
			"aws:currenttime":     {time.UnixMilli(e.RequestContext.RequestTimeEpoch).UTC().Format(time.RFC3339)},
			"aws:securetransport": {"true"}, // what it is at the API's public URL
		},
	})
	return decision == iam.Allow, nil
}

// values are what the connection's events carry: the context, each value a
// string, and the principal.
func (a *authorizerResult) values() (map[string]string, error) {
	values := make(map[string]string, len(a.Context)+1)
	for name, raw := range a.Context {
		switch raw[0] {
		case '{', '[':
			return nil, fmt.Errorf("the authorizer's context has a list or an object in %q: make it a string, a number or a boolean", name)
		case 'n': // null: there is no such value
		default:
			values[name] = unquote(raw)
		}
	}
	values["principalId"] = a.PrincipalID
	return values, nil
}
