package gateway

import (
	"net/http"
	"strings"
	"time"
)

// An event is the event for a Lambda proxy integration of a WebSocket API. Only
// CONNECT has headers and a query (DISCONNECT has a few headers), and only MESSAGE
// has a body.
type event struct {
	Headers               map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders     map[string][]string `json:"multiValueHeaders,omitempty"`
	QueryStringParameters map[string]string   `json:"queryStringParameters,omitempty"`
	MultiValueQuery       map[string][]string `json:"multiValueQueryStringParameters,omitempty"`
	StageVariables        map[string]string   `json:"stageVariables,omitempty"`
	RequestContext        requestContext      `json:"requestContext"`
	Body                  *string             `json:"body,omitempty"`
	IsBase64Encoded       bool                `json:"isBase64Encoded"`
}

// requestContext is the part of an event that identifies its connection.
type requestContext struct {
	RouteKey             string   `json:"routeKey"`
	MessageID            string   `json:"messageId,omitempty"`
	DisconnectStatusCode *int     `json:"disconnectStatusCode,omitempty"`
	EventType            string   `json:"eventType"`
	ExtendedRequestID    string   `json:"extendedRequestId"`
	RequestTime          string   `json:"requestTime"`
	MessageDirection     string   `json:"messageDirection"`
	DisconnectReason     *string  `json:"disconnectReason,omitempty"`
	Stage                string   `json:"stage"`
	ConnectedAt          int64    `json:"connectedAt"`
	RequestTimeEpoch     int64    `json:"requestTimeEpoch"`
	Identity             identity `json:"identity"`
	RequestID            string   `json:"requestId"`
	DomainName           string   `json:"domainName"`
	ConnectionID         string   `json:"connectionId"`
	APIID                string   `json:"apiId"`
	// Authorizer is the result of the $connect route's authorizer. Every event
	// after the handshake's own has it.
	Authorizer map[string]string `json:"authorizer,omitempty"`
}

// identity is the client's address: the peer of the TCP connection.
type identity struct {
	UserAgent string `json:"userAgent,omitempty"`
	SourceIP  string `json:"sourceIp"`
}

// clfTime is the Common Log Format's time, always in UTC on AWS.
const clfTime = "02/Jan/2006:15:04:05 +0000"

// newEvent returns an event of a connection with the fields that all types share.
func (g *Gateway) newEvent(c *connection, eventType, routeKey string) event {
	now, id := time.Now(), newID()
	return event{StageVariables: g.cfg.StageVariables, RequestContext: requestContext{
		RouteKey:          routeKey,
		EventType:         eventType,
		ExtendedRequestID: id,
		RequestTime:       now.UTC().Format(clfTime),
		MessageDirection:  "IN",
		Stage:             g.cfg.Stage,
		ConnectedAt:       c.connectedAt.UnixMilli(),
		RequestTimeEpoch:  now.UnixMilli(),
		Identity:          identity{UserAgent: c.userAgent, SourceIP: c.sourceIP},
		RequestID:         id,
		DomainName:        g.cfg.DomainName,
		ConnectionID:      c.id,
		APIID:             g.cfg.APIID,
		Authorizer:        c.authorizer,
	}}
}

// connectEvent returns the event of the $connect route.
func (g *Gateway) connectEvent(c *connection, r *http.Request) event {
	e := g.newEvent(c, "CONNECT", routeConnect)
	e.setHeaders(g.clientHeaders(c, r))
	if query := r.URL.Query(); len(query) > 0 {
		e.MultiValueQuery = query
		e.QueryStringParameters = lastValues(query)
	}
	return e
}

// messageEvent returns the event of a message that selected routeKey.
func (g *Gateway) messageEvent(c *connection, routeKey string, message []byte) event {
	e := g.newEvent(c, "MESSAGE", routeKey)
	body := string(message)
	e.Body = &body
	e.RequestContext.MessageID = newID()
	return e
}

// disconnectEvent returns the event of the $disconnect route. It has the headers
// that AWS sends, not the client's.
func (g *Gateway) disconnectEvent(c *connection, ended ending) event {
	e := g.newEvent(c, "DISCONNECT", routeDisconnect)
	e.setHeaders(map[string][]string{
		"Host": {g.cfg.DomainName}, "x-api-key": {""}, "X-Forwarded-For": {""}, "x-restapi": {""},
	})
	code := int(ended.code)
	e.RequestContext.DisconnectStatusCode = &code
	e.RequestContext.DisconnectReason = &ended.reason
	return e
}

func (e *event) setHeaders(h map[string][]string) {
	e.MultiValueHeaders = h
	e.Headers = lastValues(h)
}

// clientHeaders returns a handshake's headers for an integration: without
// hop-by-hop headers, with the headers that AWS adds. As on AWS, the forwarded port
// and protocol are those of the API's public URL.
func (g *Gateway) clientHeaders(c *connection, r *http.Request) map[string][]string {
	headers := make(map[string][]string, len(r.Header)+5)
	for name, values := range r.Header {
		switch name {
		case "Connection", "Upgrade":
			continue
		}
		// net/http writes Sec-Websocket-…; browsers and AWS write Sec-WebSocket-….
		headers[strings.Replace(name, "Sec-Websocket-", "Sec-WebSocket-", 1)] = values
	}
	forwarded := append([]string{}, r.Header.Values("X-Forwarded-For")...)
	headers["X-Forwarded-For"] = []string{strings.Join(append(forwarded, c.sourceIP), ", ")}
	headers["X-Forwarded-Port"] = []string{"443"}
	headers["X-Forwarded-Proto"] = []string{"https"}
	headers["Host"] = []string{g.cfg.DomainName}
	if r.Header.Get("X-Amzn-Trace-Id") == "" {
		headers["X-Amzn-Trace-Id"] = []string{newTraceID(c.connectedAt)}
	}
	return headers
}

// lastValues keeps the last value of each name, as AWS does in fields with one
// value.
func lastValues(multi map[string][]string) map[string]string {
	single := make(map[string]string, len(multi))
	for name, values := range multi {
		if len(values) > 0 {
			single[name] = values[len(values)-1]
		}
	}
	return single
}
