package chaos

import "time"

// Guest is a connection that speaks the protocol by hand. It keeps everything
// that it asked for and was sent, so that it can be held to the letter.
type Guest struct {
	Name, User string
	// Grants are the tokens that it gave the server, in their order: the first
	// with the handshake. It is empty without tokens.
	Grants []Grant
	Asked  []Asked
	Heard  []Heard
	// Until is when nobody looked any more. Closed says that the server had
	// ended the connection by then.
	Until  time.Time
	Closed bool
	// Outlived says that the connection was open although its token had ended,
	// nothing went wrong any more, and connections like it were being closed.
	Outlived bool
}

// Grant is a token, and what its user may do until when.
type Grant struct {
	// At is when it was given to the server, Answered when the server had taken
	// it, zero for not, or not for sure.
	At, Answered time.Time
	// Rooms are those in which it permits everything; "*" is all of them.
	Rooms []string
	Ends  time.Time
}

// permits says whether a token permits everything in a room.
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
	// Answered is when the answer had come, zero for never. Type and Code are
	// those of the answer.
	Answered   time.Time
	Type, Code string
	// IDs are the notifications that an inbox holds by the answer, Users those
	// who are present, each in the order of the answer.
	IDs, Users []string
}

// accepted says whether the server did what was asked for.
func (a Asked) accepted() bool { return a.Type != "" && a.Type != "error" }

// isDone says whether the server had done what was asked for, or refused it, by a
// time. After unavailable a function may still be at work.
func (a Asked) isDone(by time.Time) bool {
	return !a.Answered.IsZero() && a.Answered.Before(by) && a.Code != "unavailable"
}

// Heard is a frame that came without having been asked for.
type Heard struct {
	At       time.Time
	Type     string
	Room, ID string
	User     string
	// Text is a message's, Seq its place, X where a cursor is.
	Text string
	Seq  int64
	X    int
}

// Move is a move of a cursor, as its user sent it. The place of a cursor never
// comes twice: it counts the moves.
type Move struct {
	User, Room string
	X          int
	At         time.Time
}

// CursorTwice is a batch that was posted to a device with two places of one
// cursor.
type CursorTwice struct{ Device, Room, User string }

// CursorShown is a cursor that a client reported to its application.
type CursorShown struct {
	// Life counts the processes of the device, Visit how often it has left the
	// room: its client forgets then what it reported.
	Life, Visit int
	Room, User  string
	ServerTime  int64 // ms since 1970, by the clock of the function that took the move
	X           int
}
