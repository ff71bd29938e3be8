package messages

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// Historian reads the history of rooms for clients.
type Historian struct {
	directory *members.Directory
	log       *roomlog.Reader
}

// NewHistorian returns a historian.
func NewHistorian(d *members.Directory, log *roomlog.Reader) *Historian {
	return &Historian{directory: d, log: log}
}

// History answers with a page of a room's messages.
func (h *Historian) History(ctx context.Context, c *frames.Call, req protocol.HistoryRequest) (protocol.Answer, error) {
	_, roomID, err := h.directory.InRoom(ctx, c, req.RoomID, "reading its history")
	if err != nil {
		return nil, err
	}
	page, err := h.log.History(ctx, roomID, req)
	if err != nil {
		return nil, fmt.Errorf("read the log of room %q: %w", roomID, err)
	}
	return protocol.History{RoomID: roomID, Page: page}, nil
}
