package realtimetest

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/routes"
)

// Do answers a frame by the route for its action. It returns nil for a frame without
// an answer.
func (a *App) Do(ctx context.Context, action, connectionID string, body []byte) protocol.Frame {
	return a.DoAt(ctx, time.Time{}, action, connectionID, body)
}

// DoAt is Do for a frame that API Gateway received at a time.
func (a *App) DoAt(ctx context.Context, at time.Time, action, connectionID string, body []byte) protocol.Frame {
	answer, err := a.router.Answer(ctx, frames.Frame{Action: action, ConnectionID: connectionID, Body: body, ReceivedAt: at})
	if err != nil {
		panic(err) // there is no such action
	}
	return answer
}

// SendMessage answers the frame of a sendMessage.
func (a *App) SendMessage(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionSendMessage, connectionID, body)
}

// Join answers the frame of a join.
func (a *App) Join(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionJoin, connectionID, body)
}

// Leave answers the frame of a leave.
func (a *App) Leave(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionLeave, connectionID, body)
}

// History answers the frame of a history.
func (a *App) History(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionHistory, connectionID, body)
}

// Presence answers the frame of a presence.
func (a *App) Presence(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionPresence, connectionID, body)
}

// Inbox answers the frame of an inbox.
func (a *App) Inbox(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionInbox, connectionID, body)
}

// AckNotification answers the frame of an ackNotification.
func (a *App) AckNotification(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionAckNotification, connectionID, body)
}

// Notify answers the frame of a notify.
func (a *App) Notify(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionNotify, connectionID, body)
}

// CursorMove answers the frame of a cursorMove.
func (a *App) CursorMove(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionCursorMove, connectionID, body)
}

// Ping answers the frame of a ping.
func (a *App) Ping(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return a.Do(ctx, protocol.ActionPing, connectionID, body)
}

// RefreshToken answers the frame of a refresh whose token proves what prove
// returns.
func (a *App) RefreshToken(ctx context.Context, connectionID string, req protocol.Refresh, prove func(context.Context) (session.Identity, error)) protocol.Frame {
	refresh := routes.Refresh(func(ctx context.Context, _ string) (session.Identity, error) { return prove(ctx) }, a.Refresher.Refresh)
	body := `{"action":"refresh","token":"x"}`
	if req.ClientID != "" {
		body = `{"action":"refresh","token":"x","clientId":"` + req.ClientID + `"}`
	}
	return a.pipeline.Answer(ctx, frames.Frame{
		Action: protocol.ActionRefresh, ConnectionID: connectionID, Body: []byte(body),
	}, frames.Checks{}, refresh)
}
