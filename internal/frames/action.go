package frames

import (
	"context"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Handler answers the frames of one action. An [Action] is the only one there is.
type Handler interface {
	answer(ctx context.Context, c *Call) (protocol.Answer, error)
}

// Action is what one action of the protocol does.
type Action[Req protocol.Correlated] struct {
	// Decode decodes a frame.
	Decode func(body []byte) (Req, error)
	// Cost is how many frames of the connection's rate a frame counts for, all of
	// them in one function. They are taken before the frame is decoded.
	// Default: 1.
	Cost int
	// CostOf replaces Cost if what the frame asks for decides about it. Then the
	// frame is decoded first, though nothing is read or stored.
	CostOf func(Req) int
	// Do does the work. A nil answer sends no frame. An error that is a
	// [*protocol.Error] is for the client; any other error is logged, and the
	// client is asked to try again.
	Do func(ctx context.Context, c *Call, req Req) (protocol.Answer, error)
}

func (a Action[Req]) answer(ctx context.Context, c *Call) (protocol.Answer, error) {
	req, err := a.admit(c)
	if err != nil {
		return nil, err
	}
	c.clientID = req.CorrelationID()
	return a.Do(ctx, c, req)
}

// admit checks the rate and decodes the frame.
func (a Action[Req]) admit(c *Call) (req Req, err error) {
	if a.CostOf != nil {
		req, err = a.Decode(c.body)
		if refused := c.Spend(a.CostOf(req)); refused != nil {
			return req, refused
		}
		return req, err
	}
	if err := c.Spend(max(a.Cost, 1)); err != nil {
		return req, err
	}
	return a.Decode(c.body)
}
