package members

import (
	"context"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
)

// Whoami answers who a connection is, and in which rooms.
func (p *Presence) Whoami(ctx context.Context, c *frames.Call, _ protocol.Request) (protocol.Answer, error) {
	conn, err := p.directory.Active(ctx, c.ConnectionID)
	if err != nil {
		return nil, err
	}
	rooms := []string{} // and not null
	for _, m := range conn.Rooms {
		rooms = append(rooms, m.RoomID)
	}
	return protocol.Whoami{UserID: conn.UserID, Rooms: rooms}, nil
}
