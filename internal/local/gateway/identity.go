package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// An identitySource is a part of a handshake that must have a value before an
// authorizer runs.
type identitySource struct {
	place identityPlace
	name  string
}

// identityPlace is the part of an identity source's expression before the name.
type identityPlace string

const (
	inHeader    identityPlace = "route.request.header."
	inQuery     identityPlace = "route.request.querystring."
	inVariables identityPlace = "stageVariables."
	inContext   identityPlace = "context."
)

// parseIdentitySource parses the four kinds of sources that AWS documents for
// WebSocket APIs.
func parseIdentitySource(expression string) (identitySource, error) {
	for _, place := range []identityPlace{inHeader, inQuery, inVariables, inContext} {
		if name, ok := strings.CutPrefix(expression, string(place)); ok && name != "" {
			return identitySource{place, name}, nil
		}
	}
	return identitySource{}, fmt.Errorf("invalid identity source %q: expected route.request.header.NAME, route.request.querystring.NAME, stageVariables.NAME or context.NAME", expression)
}

// value returns the value in a handshake, or "".
func (s identitySource) value(e *authorizerEvent) string {
	switch s.place {
	case inHeader:
		for name, value := range e.Headers {
			if strings.EqualFold(name, s.name) {
				return value
			}
		}
		return ""
	case inQuery:
		return e.QueryStringParameters[s.name]
	case inVariables:
		return e.StageVariables[s.name]
	default:
		return contextValue(e.RequestContext, s.name)
	}
}

// contextValue returns values such as "identity.sourceIp" from a request context.
func contextValue(context requestContext, path string) string {
	var value any
	if data, err := json.Marshal(context); err != nil || json.Unmarshal(data, &value) != nil {
		return ""
	}
	for name := range strings.SplitSeq(path, ".") {
		value = lookup(value, []step{{name: name}})
	}
	return stringify(value)
}

// check refuses what API Gateway would not deploy, and parses the rest.
func (a *Authorizer) check() error {
	if a.Target == nil {
		return errors.New("invalid authorizer: expected a function")
	}
	a.sources = nil
	for _, expression := range a.IdentitySources {
		source, err := parseIdentitySource(expression)
		if err != nil {
			return err
		}
		a.sources = append(a.sources, source)
	}
	return nil
}
