package realtimetest

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cursors"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/messages"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/routes"
)

// Connections keeps everything about connections.
type Connections interface {
	realtime.ConnectionStore
	realtime.MembershipStore
	realtime.ExpiryStore
}

// Log keeps logs and layouts.
type Log interface {
	roomlog.Log
	members.Layouts
}

// Options are the ports and the settings of an [App], in one piece.
type Options struct {
	Connections    Connections
	Log            Log
	Sends          sends.Store
	Inboxes        inbox.Store
	Buckets        limits.Buckets
	Slots          limits.Slots
	Poster         realtime.Sockets
	Queue          delivery.Queue
	CursorQueue    cursors.Queue
	Limits         limits.Limits
	Retention      roomlog.Retention
	InboxRetention time.Duration
	InboxLimit     int
	DirectLimit    int
	ShardSize      int
	PostsInFlight  int
	Logger         *slog.Logger
	Now            func() time.Time
	NewID          func() string
}

// App is the core with the pipeline that answers frames before it.
type App struct {
	*realtime.App
	pipeline *frames.Pipeline
	router   *routes.Router
}

// New returns a core that answers frames as its functions do.
func New(o Options) *App {
	core := realtime.New(realtime.Ports{
		Connections: o.Connections, Memberships: o.Connections, Expiries: o.Connections, Log: o.Log, Layouts: o.Log,
		Sends: o.Sends, Inboxes: o.Inboxes, Buckets: o.Buckets, Slots: o.Slots,
		Poster: o.Poster, Queue: o.Queue, CursorQueue: o.CursorQueue,
	}, realtime.Options{
		Limits: o.Limits, Retention: o.Retention, Inbox: inbox.Options{Retention: o.InboxRetention, Limit: o.InboxLimit},
		DirectLimit: o.DirectLimit, ShardSize: o.ShardSize, PostsInFlight: o.PostsInFlight,
		Env: base.Env{Logger: o.Logger, Now: o.Now, NewID: o.NewID},
	})
	pipeline := frames.New(frames.Options{
		FrameRate: o.Limits.FrameRate, CursorRate: o.Limits.CursorRate, Logger: o.Logger, Now: o.Now,
	})
	return &App{App: core, pipeline: pipeline, router: routes.NewRouter(routes.App{App: core}, pipeline, twoWay()...)}
}

// Publish publishes a message as a service does.
func (a *App) Publish(ctx context.Context, p roomlog.Publication) (messages.Receipt, error) {
	return a.Publisher.Publish(ctx, p)
}

// NotifyUsers notifies users as a service does.
func (a *App) NotifyUsers(ctx context.Context, n inbox.Notice) (inbox.Receipt, error) {
	return a.Notifier.Notify(ctx, n)
}

// Run carries out jobs of the queue.
func (a *App) Run(ctx context.Context, jobs ...delivery.Job) error { return a.Jobs.Run(ctx, jobs...) }

// RunCursors shows queued moves of cursors.
func (a *App) RunCursors(ctx context.Context, jobs []cursors.Job) error {
	return a.CursorJobs.Run(ctx, jobs)
}

// Connect accepts a connection.
func (a *App) Connect(ctx context.Context, h session.Handshake) *protocol.Error {
	return a.Connector.Connect(ctx, h)
}

// Disconnect removes a connection.
func (a *App) Disconnect(ctx context.Context, connectionID string, connectedAt time.Time) error {
	return a.Disconnector.Disconnect(ctx, connectionID, connectedAt)
}

// Sweep closes the connections whose token has expired.
func (a *App) Sweep(ctx context.Context) (int, error) { return a.Sweeper.Sweep(ctx) }

// Reply posts an answer.
func (a *App) Reply(ctx context.Context, connectionID string, answer protocol.Frame) {
	a.Replier.Reply(ctx, connectionID, answer)
}

// twoWay returns the routes such that each returns its answer: a test sees what would be
// posted.
func twoWay() []routes.Route {
	all := slices.Clone(routes.Routes)
	for i := range all {
		all[i].OneWay = false
	}
	return all
}
