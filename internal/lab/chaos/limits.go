package chaos

import (
	"strconv"

	"github.com/roomcast/roomcast/internal/settings"
)

// Limits are the limits of a stack; 0 is no limit.
type Limits struct {
	// MessageRate is how many messages and notifications a user may send a second,
	// MessageBurst how many more at once.
	MessageRate, MessageBurst int
	// ConnectionsPerUser and RoomsPerConnection are the most that a user may have,
	// and that a connection may be in.
	ConnectionsPerUser, RoomsPerConnection int
	// InboxLimit is how many notifications an inbox keeps.
	InboxLimit int
}

// strict are the limits of a run: low, so that a run reaches them.
var strict = Limits{MessageRate: 3, MessageBurst: 6, ConnectionsPerUser: 40, RoomsPerConnection: 6, InboxLimit: 20}

// Limits returns the limits of a run's stack. A run of joins only has no rate.
func (s Schedule) Limits() Limits {
	if s.OnlyJoins {
		return Limits{RoomsPerConnection: strict.RoomsPerConnection, InboxLimit: strict.InboxLimit}
	}
	return strict
}

// Environment returns the functions' environment variables for the limits. The
// connections of an address are unlimited: all come from this machine, and those
// whose $disconnect is lost count for two hours.
func (l Limits) Environment() map[string]string {
	return map[string]string{
		settings.MessageRate:        strconv.Itoa(l.MessageRate),
		settings.MessageBurst:       strconv.Itoa(max(l.MessageBurst, 2)),
		settings.ConnectionsPerUser: strconv.Itoa(l.ConnectionsPerUser),
		settings.ConnectionsPerIP:   "0",
		settings.RoomsPerConnection: strconv.Itoa(l.RoomsPerConnection),
		settings.InboxLimit:         strconv.Itoa(l.InboxLimit),
		settings.FrameRate:          "0",
		settings.CursorRate:         "0",
	}
}
