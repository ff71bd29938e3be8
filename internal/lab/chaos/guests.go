package chaos

import "time"

// Guest is a connection that uses the protocol without the client, and records
// everything that it sends and receives.
type Guest struct {
	Name, User string
	// Grants are the tokens that it sent, in order: the first with the handshake. It is empty without tokens.
	Grants []Grant
	Asked  []Asked
	Heard  []Heard
	// Until is the end of the record. Closed says that the server had closed the
	// connection by then.
	Until  time.Time
	Closed bool
	// Outlived says that the connection was open although its token had ended,
	// there were no more faults, and such connections were being closed.
	Outlived bool
}

// Grant is a token with its permissions and its end.
type Grant struct {
	// At is when it was sent, Answered when the server had accepted it; zero if
	// that is not certain.
	At, Answered time.Time
	// Rooms are the rooms in which it permits everything; "*" is all rooms.
	Rooms []string
	Ends  time.Time
}

// permits reports whether a token permits everything in a room.
func (g Grant) permits(room string) bool {
	for _, r := range g.Rooms {
		if r == room || r == "*" {
			return true
		}
	}
	return false
}

// Asked is a request and its answer.
type Asked struct {
	Action, Room string
	At           time.Time
	// Answered is when the answer came, zero if none did. Type and Code are the
	// answer's.
	Answered   time.Time
	Type, Code string
	// IDs are the notifications of an inbox, Users the users of a presence frame,
	// each in the order of the answer.
	IDs, Users []string
}

// accepted reports whether the server carried the request out.
func (a Asked) accepted() bool { return a.Type != "" && a.Type != "error" }

// isDone reports whether the server had carried the request out, or refused it, by
// a time. After unavailable a function may still be at work.
func (a Asked) isDone(by time.Time) bool {
	return !a.Answered.IsZero() && a.Answered.Before(by) && a.Code != "unavailable"
}

// Heard is a frame that the server pushed.
type Heard struct {
	At       time.Time
	Type     string
	Room, ID string
	User     string
	// Text and Seq are a message's, X is a cursor's.
	Text string
	Seq  int64
	X    int
}

// Move is a move of a cursor, as its user sent it. X counts the moves, so that no
// two are alike.
type Move struct {
	User, Room string
	X          int
	At         time.Time
}

// CursorTwice is a batch that was posted to a device with two positions of one
// cursor.
type CursorTwice struct{ Device, Room, User string }

// CursorShown is a cursor that a client reported to its application.
type CursorShown struct {
	// Life counts the processes of the device, Visit how often it has left the room:
	// its client then forgets what it reported.
	Life, Visit int
	Room, User  string
	ServerTime  int64 // ms since 1970, by the clock of the function that took the move
	X           int
}
