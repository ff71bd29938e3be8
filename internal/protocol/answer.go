package protocol

// Correlated is a request that may name itself, so that its answer can be
// recognized.
type Correlated interface {
	// CorrelationID is the request's clientId, "" for none.
	CorrelationID() string
}

// CorrelationID implements [Correlated].
func (r Request) CorrelationID() string { return r.ClientID }

// Answer is a frame that answers a request.
type Answer interface {
	Frame
	// Echo returns the answer with the clientId of its request.
	Echo(clientID string) Frame
}

// Echo implements [Answer].
func (f Ack) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f NotifyAck) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f InboxAck) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f Joined) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f History) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f Left) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f Inbox) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f Presence) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f Pong) Echo(clientID string) Frame { f.ClientID = clientID; return f }

// Echo implements [Answer].
func (f Refreshed) Echo(clientID string) Frame { f.ClientID = clientID; return f }
