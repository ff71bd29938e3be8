package gateway

import "net/url"

// An Observation is an event at a gateway. Its fields depend on Event.
type Observation struct {
	Event Event
	// Connection is the connection's ID.
	Connection string
	// Query has the parameters of the handshake; Opened only.
	Query url.Values
	// Frame is the client's message for Received, the text sent to the client for
	// Answered, and the body for Commanded. It must not be changed.
	Frame []byte
	// Operation is the command of Commanded, such as "PostToConnection".
	Operation string
	// Caller is the calling function, "" for other callers; Commanded only.
	Caller string
	// Result is the HTTP status of the command, 0 if a fault prevented it;
	// Commanded only.
	Result int
	// Answer is the HTTP status that the caller got, 0 if its connection was cut;
	// Commanded only.
	Answer int
}

// Event is the kind of an Observation.
type Event int

// The events of a gateway.
const (
	// Opened is a successful handshake. Nothing can be posted to the connection
	// before.
	Opened Event = iota
	// Received is a message of the client, before it is processed.
	Received
	// Answered is the answer to a message, before it is sent: from a two-way
	// route's function, or from API Gateway itself.
	Answered
	// Commanded is an @connections request that ran, or that a fault prevented.
	// Requests that were refused before are not observed.
	Commanded
	// Closed is the end of a connection, before $disconnect runs.
	Closed
)

// observe calls the configured observer.
func (g *Gateway) observe(o Observation) {
	if g.cfg.Observe != nil {
		g.cfg.Observe(o)
	}
}
