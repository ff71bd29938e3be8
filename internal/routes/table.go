package routes

import (
	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/settings"
)

// The route keys that are no actions.
const (
	Connect    = "$connect"
	Disconnect = "$disconnect"
	Default    = "$default"
)

// Costs, in frames of the connection's rate.
const (
	joinCost    = 2  // it writes the rows of the connection and the member, and reads the log
	leaveCost   = 2  // it writes three times
	historyCost = 5  // it reads messages of up to 16 KB each
	inboxCost   = 5  // it reads notifications of up to 16 KB each
	refreshCost = 20 // it writes more than any other, and is needed once in many minutes
	// pingRooms is how many rooms of a ping count as a frame, because each is
	// written and read, and ackedIDs how many notifications that one frame
	// acknowledges, because each is written. All that a frame may name fits into the
	// burst of the default rate several times.
	pingRooms = 2
	ackedIDs  = 2
)

func needs(actions ...permission.Action) []permission.Action { return actions }

// Routes are the routes that every ChatApi has.
var Routes = []Route{
	{Key: Connect, Function: Session, Checks: frames.Checks{Rate: frames.Unlimited}, Access: Access{
		Connections: calls(batchWrite, put, del, query),
		Messages:    calls(get),
		Env:         []string{settings.Auth, settings.ConnectionsPerIP, settings.ConnectionsPerUser, settings.MembersPerRoom},
	}},
	{Key: Disconnect, Function: Session, Checks: frames.Checks{Rate: frames.Unlimited}, Access: Access{
		Connections: calls(get, batchWrite, del),
	}},
	{Key: Default, Function: Ephemeral, Checks: frames.Checks{Rate: frames.Unlimited},
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.Request]{Decode: func(body []byte) (protocol.Request, error) {
				return protocol.Request{}, protocol.DecodeUnknown(body, a.OwnActions...)
			}}
		}},
	{Key: protocol.ActionSendMessage, Function: Messages, Checks: frames.Checks{Needs: needs(permission.Send)},
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.SendMessage]{Decode: protocol.DecodeSendMessage, Do: a.Messages.Send}
		},
		Access: Access{
			Connections: sendWithinRate, Messages: appendMessage, Sockets: postAndConfirm, Broadcasts: true,
			Env: []string{settings.DirectLimit, settings.MessageRetention, settings.MessageRate, settings.MessageBurst, settings.MaxMessageBytes},
		}},
	{Key: protocol.ActionJoin, Function: Rooms, Checks: frames.Checks{Needs: needs(permission.Join)},
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.Join]{Decode: protocol.DecodeJoin, Cost: joinCost, Do: a.Joiner.Join}
		},
		Access: Access{
			Connections: calls(get, update, put, del, query),
			Messages:    readLog, // it may also resize the room
			Env: []string{settings.MessageRetention, settings.MessageHistory, settings.ShardSize,
				settings.RoomsPerConnection, settings.MembersPerRoom},
		}},
	{Key: protocol.ActionLeave, Function: Rooms,
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.Request]{Decode: protocol.DecodeLeave, Cost: leaveCost, Do: a.Leaver.Leave}
		},
		Access: Access{Connections: calls(get, update, del), Messages: calls(get)}},
	{Key: protocol.ActionHistory, Function: Rooms, Checks: frames.Checks{Needs: needs(permission.History)},
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.HistoryRequest]{Decode: protocol.DecodeHistory, Cost: historyCost, Do: a.History.History}
		},
		Access: Access{
			Connections: calls(get), Messages: readLog,
			Env: []string{settings.MessageRetention, settings.MessageHistory},
		}},
	{Key: protocol.ActionCursorMove, Function: Ephemeral, OneWay: true, Checks: frames.Checks{Rate: frames.CursorRate, Needs: needs(permission.Join, permission.Send)},
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.CursorMove]{Decode: protocol.DecodeCursorMove, Do: a.Cursors.Move}
		},
		Access: Access{
			Connections: calls(get, query, update), // it counts the posts
			Messages:    calls(get), Sockets: justPost, Cursors: true,
			Env: []string{settings.DirectLimit, settings.CursorMembers, settings.CursorPosts},
		}},
	{Key: protocol.ActionNotify, Function: Messages, Checks: frames.Checks{Needs: needs(permission.Notify)},
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.Notify]{Decode: protocol.DecodeNotify, Do: a.Notify.Send}
		},
		Access: Access{
			Connections: sendWithinRate, Messages: keepNotification, Sockets: postAndConfirm, Broadcasts: true,
			Env: []string{settings.NotificationRetention, settings.InboxLimit, settings.NotifyUsers,
				settings.MessageRate, settings.MessageBurst, settings.MaxMessageBytes},
		}},
	{Key: protocol.ActionInbox, Function: Inbox,
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.InboxRequest]{Decode: protocol.DecodeInbox, Cost: inboxCost, Do: a.Inbox.Inbox}
		},
		Access: Access{Connections: calls(get), Messages: readInbox, Env: []string{settings.InboxLimit}}},
	{Key: protocol.ActionAckNotification, Function: Inbox,
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.AckNotification]{
				Decode: protocol.DecodeAckNotification,
				CostOf: func(req protocol.AckNotification) int { return 1 + len(req.IDs)/ackedIDs },
				Do:     a.Acknowledger.Acknowledge,
			}
		},
		Access: Access{Connections: calls(get), Messages: calls(update)}},
	{Key: protocol.ActionPresence, Function: Rooms, Checks: frames.Checks{Needs: needs(permission.Join)},
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.Request]{Decode: protocol.DecodePresence, Do: a.Presence.Presence}
		},
		Access: Access{Connections: calls(get, query), Messages: calls(get), Env: []string{settings.DirectLimit}}},
	{Key: protocol.ActionPing, Function: Rooms,
		Handler: func(a App) frames.Handler {
			return frames.Action[protocol.Ping]{
				Decode: protocol.DecodePing,
				CostOf: func(req protocol.Ping) int { return 1 + len(req.Rooms)/pingRooms },
				Do:     a.Pinger.Ping,
			}
		},
		Access: Access{Connections: calls(get, update), Messages: calls(get)}},
	{Key: protocol.ActionRefresh, Function: Authorizer, Access: Access{
		Connections: calls(get, update, put, del),
	}},
}
