package routes

import (
	"github.com/roomcast/roomcast/internal/frames"
)

// Route is a row of the table.
type Route struct {
	// Key is the route key of API Gateway: what a frame names as its action.
	Key string
	// Function is the name of the function that serves it, one of [Functions].
	Function string
	// Handler returns what answers the route's frames. It is nil for the events
	// that are no frames, $connect and $disconnect, and for refresh, which the
	// authorizer answers: see [Refresh].
	Handler func(App) frames.Handler
	// Checks are the rate that the frames count against, and the permissions that they
	// need.
	frames.Checks
	// OneWay says that the route sends no responses, because a frame mostly has no
	// answer: API Gateway may send, and bill, an empty one. The rare error is
	// posted.
	OneWay bool
	// Access is what it takes to serve the route.
	Access
}

// Returns reports whether what the function returns is sent to the client as a
// frame. A handshake has an HTTP status instead, and a closed socket gets nothing.
func (r Route) Returns() bool {
	return !r.OneWay && r.Key != Connect && r.Key != Disconnect
}

// Access is what a function may do, and what it finds in its environment.
type Access struct {
	// Connections and Messages are the calls that it makes on the two tables.
	Connections, Messages []string
	// Sockets are the HTTP methods that it uses on @connections.
	Sockets []string
	// Broadcasts and Cursors say that it queues jobs of broadcasts, and moves of
	// cursors.
	Broadcasts, Cursors bool
	// Env are the settings that it finds in its environment, besides those that say
	// where the tables, sockets and queues above are.
	Env []string
}
