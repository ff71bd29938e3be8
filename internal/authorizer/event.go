package authorizer

import (
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// event is the function's input: a handshake to decide about, or a frame of the
// route refresh. Only a handshake has a type.
type event struct {
	Type      string `json:"type"`
	MethodARN string `json:"methodArn"`
	events.APIGatewayWebsocketProxyRequest
}

// request is the type of a handshake's event.
const request = "REQUEST"

// query returns all values of a query parameter. API Gateway's map of single
// values has only the last one.
func (e event) query(name string) []string {
	if values, ok := e.MultiValueQueryStringParameters[name]; ok {
		return values
	}
	if value, ok := e.QueryStringParameters[name]; ok {
		return []string{value}
	}
	return nil
}

// headers returns a function that finds all values of a header, whatever its
// case.
func (e event) headers() func(name string) []string {
	all := e.MultiValueHeaders
	if all == nil {
		all = make(map[string][]string, len(e.Headers))
		for name, value := range e.Headers {
			all[name] = []string{value}
		}
	}
	return func(name string) []string {
		var values []string
		for spelled, of := range all {
			if strings.EqualFold(spelled, name) {
				values = append(values, of...)
			}
		}
		return values
	}
}
