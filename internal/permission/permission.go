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

// MaxBytes is the most bytes of JSON that permissions may take. They are in the
// connection's item, which is read for every frame: 4 KB are one read unit.
const MaxBytes = 2 << 10

// maxPattern is the most characters of a pattern: a name and a star.
const maxPattern = 128 + 1

// Action is something that needs a permission.
type Action string

// The actions.
const (
	// Join is to become a member of a room: to get its messages, to see its
	// members and to show a cursor.
	Join Action = "join"
	// Send is to send a message to a room.
	Send Action = "send"
	// History is to read a room's log: its history, and what was missed in it.
	History Action = "history"
	// Notify is to notify a user.
	Notify Action = "notify"
)

// Patterns name rooms or users: by a whole name ("lobby"), by how it begins
// ("team-*"), or all ("*"). A star has a meaning only at the end.
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
	// Rooms lists rooms for which Join, Send and History apply.
	Rooms Patterns `json:"rooms,omitempty"`
	// Join, Send and History list further rooms.
	Join    Patterns `json:"join,omitempty"`
	Send    Patterns `json:"send,omitempty"`
	History Patterns `json:"history,omitempty"`
	// Notify lists the users who may be notified.
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

// Default is what a user may do whose token has no permissions claim:
// everything with any room, but notify nobody.
func Default() Permissions { return Permissions{Rules: Rules{Rooms: Patterns{"*"}}} }

// Everything is what anyone may do with open authentication.
func Everything() Permissions {
	return Permissions{Rules: Rules{Rooms: Patterns{"*"}, Notify: Patterns{"*"}}}
}

// Allow reports whether an action is permitted with a room or, for Notify, with
// a user. A denial overrides every permission.
func (p Permissions) Allow(a Action, name string) bool {
	return p.hold(a, name) && !p.Deny.hold(a, name)
}

// illFormed is the error for a string that is not well-formed Unicode: decoded,
// it could name another room.
func illFormed(where string) error {
	return fmt.Errorf("permissions: %s must be well-formed Unicode", cmp.Or(where, "they"))
}

// Parse reads permissions from JSON. An unknown member is an error: a
// misspelled denial must not permit anything.
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
