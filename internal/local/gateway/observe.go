package gateway

import "net/url"

// An Observation is one thing that has happened at a gateway. Which fields it
// has depends on its Event.
type Observation struct {
	Event Event
	// Connection is the id of the connection that it happened to.
	Connection string
	// Query are the parameters of the handshake; of Opened only.
	Query url.Values
	// Frame is the client's message of Received, the text that the client is
	// sent of Answered, the body of Commanded. It must not be changed.
	Frame []byte
	// Operation is the command of Commanded, such as "PostToConnection".
	Operation string
	// Caller is the function that commanded, "" for anybody else; of Commanded
	// only.
	Caller string
	// Result is the HTTP status that the command came to, 0 when a fault kept
	// it from being carried out; of Commanded only.
	Result int
	// Answer is the HTTP status that the caller was told, 0 when it was cut
	// off; of Commanded only.
	Answer int
}

// Event is a kind of Observation.
type Event int

// The events of a gateway.
const (
	// Opened is a handshake that has succeeded; nothing can be posted to the
	// connection before.
	Opened Event = iota
	// Received is a message of the client, before it is processed.
	Received
	// Answered is what the client is about to be sent as the answer to a
	// message: that of a two-way route's function, or API Gateway's own.
	Answered
	// Commanded is an @connections request that has been carried out, or was
	// kept from it by a fault. One that was refused before is not observed.
	Commanded
	// Closed is the end of a connection, before $disconnect is called.
	Closed
)

// observe tells the configured observer of something.
func (g *Gateway) observe(o Observation) {
	if g.cfg.Observe != nil {
		g.cfg.Observe(o)
	}
}
