package permission

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
)

// MaxBytes is the most bytes of JSON that permissions take. They lie in the row
// of a connection, which is read for every frame: 4 KB of it are one read unit.
const MaxBytes = 2 << 10

// maxPattern is the most characters of a pattern: those of a name, and a star.
const maxPattern = 128 + 1

// Action is something that needs a permission.
type Action string

// The actions.
const (
	// Join is to become a member of a room: to get its messages, to see who is
	// there and to show a cursor.
	Join Action = "join"
	// Send is to send a message to a room.
	Send Action = "send"
	// History is to read a room's log: its history, and what was missed in it.
	History Action = "history"
	// Notify is to notify a user.
	Notify Action = "notify"
)

// Patterns name rooms or users: by a whole name ("lobby"), by how it begins
// ("team-*"), or all ("*"). A star counts at the end only.
type Patterns []string

// match reports whether one of the patterns names it.
func (p Patterns) match(name string) bool {
	for _, pattern := range p {
		if prefix, open := strings.CutSuffix(pattern, "*"); pattern == name || open && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Rules list what is permitted, or what is denied.
type Rules struct {
	// Rooms are rooms for which Join, Send and History hold.
	Rooms Patterns `json:"rooms,omitempty"`
	// Join, Send and History are rooms beside those.
	Join    Patterns `json:"join,omitempty"`
	Send    Patterns `json:"send,omitempty"`
	History Patterns `json:"history,omitempty"`
	// Notify are the users who may be notified.
	Notify Patterns `json:"notify,omitempty"`
}

func (r Rules) hold(a Action, name string) bool {
	switch a {
	case Join:
		return r.Rooms.match(name) || r.Join.match(name)
	case Send:
		return r.Rooms.match(name) || r.Send.match(name)
	case History:
		return r.Rooms.match(name) || r.History.match(name)
	case Notify:
		return r.Notify.match(name)
	}
	return false
}

// Permissions are what a user may do: what the rules list, less what Deny
// lists. The zero value permits nothing.
type Permissions struct {
	Rules
	Deny Rules `json:"deny,omitzero"`
}

// Default is what a signed-in user may do whose token says nothing of it: all
// with any room, and notify nobody.
func Default() Permissions { return Permissions{Rules: Rules{Rooms: Patterns{"*"}}} }

// Everything is what anybody may do without authentication.
func Everything() Permissions {
	return Permissions{Rules: Rules{Rooms: Patterns{"*"}, Notify: Patterns{"*"}}}
}

// Allow reports whether an action is permitted with a room, or with a user
// where it is Notify. What is denied is not, whatever else permits it.
func (p Permissions) Allow(a Action, name string) bool {
	return p.hold(a, name) && !p.Deny.hold(a, name)
}

// illFormed is the error of a text that is not well-formed Unicode: decoded, it
// could name a room that it does not mean.
func illFormed(where string) error {
	return fmt.Errorf("permissions: %s must be well-formed Unicode", cmp.Or(where, "they"))
}

// Parse reads permissions from JSON. What it does not know is an error: a
// misspelled denial must not permit.
func Parse(data []byte) (Permissions, error) {
	if len(data) > MaxBytes {
		return Permissions{}, fmt.Errorf("permissions must be at most %d bytes of JSON, got %d", MaxBytes, len(data))
	}
	if !protocol.WellFormed(data) {
		return Permissions{}, illFormed(protocol.IllFormed("", data))
	}
	if err := checkNames(data); err != nil {
		return Permissions{}, err
	}
	var p *Permissions
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Permissions{}, fmt.Errorf("permissions: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Permissions{}, errors.New("permissions: something follows the JSON object")
	}
	if p == nil {
		return Permissions{}, errors.New("permissions: must be a JSON object, got null")
	}
	for _, r := range []Rules{p.Rules, p.Deny} {
		for _, patterns := range []Patterns{r.Rooms, r.Join, r.Send, r.History, r.Notify} {
			for _, pattern := range patterns {
				if n := utf8.RuneCountInString(pattern); n < 1 || n > maxPattern {
					return Permissions{}, fmt.Errorf("permissions: a pattern must be 1 to %d characters, got %d", maxPattern, n)
				}
			}
		}
	}
	return *p, nil
}
