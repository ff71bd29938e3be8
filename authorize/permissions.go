package authorize

import "github.com/roomcast/roomcast/internal/permission"

// Action is something that a client does and that needs a permission.
type Action string

// The actions that need a permission.
const (
	// Join permits a user to join a room: to receive its messages, see its members
	// and show a cursor in it.
	Join Action = "join"
	// Send permits a user to send messages to a room.
	Send Action = "send"
	// History permits a user to read earlier messages of a room: its history, and
	// the messages that the user missed while offline.
	History Action = "history"
	// Notify permits a user to send notifications to another user.
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
