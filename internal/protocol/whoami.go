package protocol

// ActionWhoami asks who the connection is.
const ActionWhoami = "whoami"

// DecodeWhoami decodes the frame of a whoami.
func DecodeWhoami(body []byte) (Request, error) { return DecodePresence(body) }

// Whoami says who the connection is, and in which rooms.
type Whoami struct {
	ClientID string   `json:"clientId,omitempty"`
	UserID   string   `json:"userId"`
	Rooms    []string `json:"rooms"`
}

// Type implements [Frame].
func (Whoami) Type() string { return "whoami" }

// Echo implements [Answer].
func (f Whoami) Echo(clientID string) Frame { f.ClientID = clientID; return f }
