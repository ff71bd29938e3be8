package authorize

import "github.com/roomcast/roomcast/internal/permission"

// Action is what needs a permission.
type Action string

// The actions.
const (
	// Join is to join a room: to receive its messages, to see who is in it and to
	// show a cursor.
	Join Action = "join"
	// Send is to send messages to a room.
	Send Action = "send"
	// History is to read the messages of a room that were sent before: its
	// history, and what was missed while offline.
	History Action = "history"
	// Notify is to send notifications to a user.
	Notify Action = "notify"
)

// Permissions say what a user may do: what Rules permit, except for what Deny
// denies. The zero value permits nothing. As JSON they may take 2 KiB; that JSON
// is also the permissions claim of a token.
type Permissions struct {
	Rules
	// Deny lists what is denied, whatever else permits it.
	Deny Rules `json:"deny,omitzero"`
}

// Rules list rooms and users, to permit or to deny.
type Rules struct {
	// Rooms are rooms for which Join, Send and History apply.
	Rooms Patterns `json:"rooms,omitempty"`
	// Join are further rooms to join.
	Join Patterns `json:"join,omitempty"`
	// Send are further rooms to send to.
	Send Patterns `json:"send,omitempty"`
	// History are further rooms to read the history of.
	History Patterns `json:"history,omitempty"`
	// Notify are users to notify.
	Notify Patterns `json:"notify,omitempty"`
}

// Patterns name rooms or users. Each is a whole name ("lobby"), a prefix
// ("team-*") or everything ("*"), of 1 to 129 characters. A star has a meaning at
// the end only.
type Patterns []string

// Default returns the permissions of a user whose token claims none: everything
// with every room, and no notifications.
func Default() Permissions { return Permissions{Rules: Rules{Rooms: Patterns{"*"}}} }

// Everything returns the permissions for everything with every room, and to
// notify every user.
func Everything() Permissions {
	return Permissions{Rules: Rules{Rooms: Patterns{"*"}, Notify: Patterns{"*"}}}
}

// Allow reports whether an action is permitted with a room, or with a user if
// the action is Notify.
func (p Permissions) Allow(action Action, name string) bool {
	return p.checked().Allow(permission.Action(action), name)
}

// checked returns the permissions in the type that the functions check.
func (p Permissions) checked() permission.Permissions {
	return permission.Permissions{Rules: p.Rules.checked(), Deny: p.Deny.checked()}
}

func (r Rules) checked() permission.Rules {
	return permission.Rules{
		Rooms: permission.Patterns(r.Rooms), Join: permission.Patterns(r.Join), Send: permission.Patterns(r.Send),
		History: permission.Patterns(r.History), Notify: permission.Patterns(r.Notify),
	}
}
