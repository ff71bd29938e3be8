package frames

import (
	"cmp"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// Call is a frame while it is being answered.
type Call struct {
	// Action is the frame's action.
	Action string
	// ConnectionID is the connection that the frame came by.
	ConnectionID string
	// ReceivedAt is when API Gateway got the frame, or the function if that is not
	// known. It compares frames of one connection that different functions answer,
	// each with a clock of its own.
	ReceivedAt time.Time

	clientID string
	body     []byte
	rate     *buckets // nil for no limit
	now      func() time.Time
	needs    []permission.Action
	checked  bool // Needs was called
}

// Needs returns the permissions that the action needs, for the room or the user that
// the frame is about. An action that answers without a call of Needs, although it
// needs some, has forgotten to check them: [Pipeline.Answer] answers with an error.
func (c *Call) Needs() []permission.Action {
	c.checked = true
	return c.needs
}

// Spend takes more frames of the connection's rate, or returns the error for the
// client if there are too few of them.
func (c *Call) Spend(frames int) error {
	if c.rate == nil {
		return nil
	}
	wait := c.rate.take(c.ConnectionID, frames, c.now())
	if wait == 0 {
		return nil
	}
	err := protocol.RateLimited(wait, "this connection may send %d of these frames a second: send this one again later", c.rate.rate)
	err.ClientID = cmp.Or(c.clientID, protocol.ClientID(c.body))
	return err
}

// Charge takes frames of the connection's rate for work that is done already. It
// never refuses: later frames of the connection wait for longer.
func (c *Call) Charge(frames int) {
	if c.rate != nil {
		c.rate.charge(c.ConnectionID, frames, c.now())
	}
}
