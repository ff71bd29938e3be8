package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Reasons for failed integrations.
var (
	errTimeout   = errors.New("the integration timed out")
	errMalformed = errors.New("malformed Lambda proxy response")
)

// A response is the result of a Lambda proxy integration.
type response struct {
	status  int
	headers map[string]string
	body    string
}

// invoke runs a route's integration with an event. It fails with errTimeout if the
// integration timed out, with errMalformed if its result is not a proxy response,
// and else with the invoker's error.
func (g *Gateway) invoke(route Route, e event) (response, error) {
	payload, err := json.Marshal(e)
	if err != nil {
		return response{}, fmt.Errorf("encode the event: %w", err)
	}
	answer, err := g.call(route.Target, route.Timeout, payload)
	if err != nil {
		return response{}, err
	}
	return parseResponse(answer)
}

// call invokes a function. It fails with errTimeout if the function timed out.
func (g *Gateway) call(target Invoker, timeout time.Duration, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(g.ctx, timeout)
	defer cancel()
	answer, err := target.Invoke(ctx, payload)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w after %v", errTimeout, timeout)
	}
	return answer, err
}

// A FunctionError is the error of an Invoker whose function ran and failed.
type FunctionError struct {
	// Function is the function's name.
	Function string
	// Payload is the function's result: by Lambda's convention an object with
	// errorMessage and errorType.
	Payload []byte
}

// Error implements error.
func (e *FunctionError) Error() string {
	return fmt.Sprintf("function %s failed: %s", e.Function, e.Payload)
}

// message returns the function's message, "" if its payload has another form.
func (e *FunctionError) message() string {
	var payload struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal(e.Payload, &payload) != nil {
		return ""
	}
	return payload.ErrorMessage
}

// reason returns why an authorizer refused a handshake. Roomcast's authorizer has
// the reason in the error's type; in others the type is a single word.
func (e *FunctionError) reason() string {
	var payload struct {
		ErrorType string `json:"errorType"`
	}
	if json.Unmarshal(e.Payload, &payload) == nil && strings.Contains(payload.ErrorType, " ") {
		return payload.ErrorType
	}
	return "the authorizer " + e.Function + " answered Unauthorized; its log may say why"
}

// proxyResponse is a Lambda proxy response.
type proxyResponse struct {
	StatusCode        json.RawMessage            `json:"statusCode"`
	Headers           map[string]json.RawMessage `json:"headers"`
	MultiValueHeaders map[string][]string        `json:"multiValueHeaders"`
	Body              string                     `json:"body"`
	IsBase64Encoded   bool                       `json:"isBase64Encoded"`
}

// checkMembers refuses members that a proxy response does not have, as AWS does.
// encoding/json would accept "StatusCode" for "statusCode".
func checkMembers(answer []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(answer, &members); err != nil {
		return err
	}
	for name := range members {
		switch name {
		case "statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded":
		default:
			return fmt.Errorf("unknown member %q", name)
		}
	}
	return nil
}

// parseResponse parses a Lambda proxy response.
func parseResponse(answer []byte) (response, error) {
	if err := checkMembers(answer); err != nil {
		return response{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	var p proxyResponse
	if err := json.Unmarshal(answer, &p); err != nil {
		return response{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	status, err := strconv.Atoi(unquote(p.StatusCode))
	if err != nil || status < 200 || status > 599 {
		return response{}, fmt.Errorf("%w: statusCode is %q", errMalformed, p.StatusCode)
	}
	headers := make(map[string]string, len(p.Headers)+len(p.MultiValueHeaders))
	for name, value := range p.Headers {
		headers[strings.ToLower(name)] = unquote(value)
	}
	for name, values := range p.MultiValueHeaders {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return response{status: status, headers: headers, body: p.Body}, nil
}

// unquote returns a JSON string's value, and any other JSON value's text: AWS
// accepts "200" for 200 and 1 for "1".
func unquote(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
