package realtime

import (
	"cmp"

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
)

// Ports are the stores, queues and sockets that the capabilities use. A function that
// has no access to one leaves it nil, and must not use a capability whose constructor
// takes it: see [New].
type Ports struct {
	Connections ConnectionStore
	Memberships MembershipStore
	Expiries    ExpiryStore
	Log         roomlog.Log
	Layouts     members.Layouts
	Sends       sends.Store
	Inboxes     inbox.Store
	Buckets     limits.Buckets
	Slots       limits.Slots
	Poster      Sockets
	Queue       delivery.Queue
	CursorQueue cursors.Queue
}

// ConnectionStore keeps connections.
type ConnectionStore interface {
	members.Connections
	members.Admissions
}

// MembershipStore keeps who is in which room.
type MembershipStore interface {
	members.Joins
	members.Strays
	members.Statuses
	members.Counts
	members.Users
	delivery.MemberStore
}

// ExpiryStore keeps when tokens expire.
type ExpiryStore interface {
	session.Expiries
	session.Renewals
}

// Sockets posts to connections and closes them.
type Sockets interface {
	delivery.Poster
	session.Closer
}

// Options are the settings of an [App]. Each field has a default.
type Options struct {
	// Limits are the limits of the deployment. Default: see [limits.Limits].
	Limits limits.Limits
	// Retention says how much of a room's log is kept. Default:
	// [roomlog.DefaultRetention], for each field that is 0.
	Retention roomlog.Retention
	// Inbox says how much of an inbox is kept. Default: see [inbox.Options].
	Inbox inbox.Options
	// DirectLimit is the number of members up to which a room is posted to directly, and
	// above which its messages are queued. Default: [delivery.DefaultDirectLimit].
	DirectLimit int
	// ShardSize is about how many members share a shard of a room. Default:
	// [shard.DefaultSize].
	ShardSize int
	// PostsInFlight is how many posts of queued jobs are in flight at the same time, up
	// to the 100 of those that a sender waits for. Default:
	// [delivery.DefaultPostsInFlight].
	PostsInFlight int
	// Env is the environment. Default: see [base.Env].
	Env base.Env
}

// App is the core: what carries out the actions of clients, services, queues and
// schedules. Whatever it remembers besides its ports only makes it faster. Any number
// of goroutines may use it.
type App struct {
	// The actions of clients, by the frames that ask for them.
	Joiner       *members.Joiner
	Leaver       *members.Leaver
	Presence     *members.Presence
	Pinger       *members.Pinger
	Messages     *messages.Sender
	History      *messages.Historian
	Notify       *inbox.Sender
	Inbox        *inbox.Reader
	Acknowledger *inbox.Acknowledger
	Cursors      *cursors.Mover
	Refresher    *session.Refresher

	// What services publish.
	Publisher *messages.Publisher
	Notifier  *inbox.Notifier

	// The events of API Gateway, queues and schedules.
	Connector    *session.Connector
	Disconnector *session.Disconnector
	Sweeper      *session.Sweeper
	Jobs         *delivery.Runner
	CursorJobs   *cursors.Runner
	Replier      *delivery.Replier
}

// New returns a core on ports. It makes no call.
func New(p Ports, o Options) *App {
	env := o.Env.WithDefaults()
	directLimit := cmp.Or(o.DirectLimit, delivery.DefaultDirectLimit)

	directory := members.NewDirectory(p.Connections, env)
	rebalancer := members.NewRebalancer(p.Memberships, p.Log, p.Layouts, o.Retention, o.ShardSize, env)
	quotas := limits.NewQuotas(p.Slots, o.Limits, env)
	meter := limits.NewMeter(p.Buckets, o.Limits, env)
	log := roomlog.NewReader(p.Log, o.Retention, env)
	appender := roomlog.NewAppender(p.Log, p.Sends, o.Retention, env)
	deliverer := delivery.NewDeliverer(p.Poster, p.Queue, p.Connections, o.PostsInFlight, env)
	publisher := messages.NewPublisher(appender, delivery.NewFanOut(deliverer, p.Memberships, p.Queue, directLimit, env))
	notifier := inbox.NewNotifier(p.Inboxes, p.Sends, p.Memberships, deliverer, o.Inbox, env)

	display := cursors.NewDisplay(p.Poster)

	return &App{
		Joiner:       members.NewJoiner(directory, p.Memberships, log, quotas, rebalancer, o.Limits, env),
		Leaver:       members.NewLeaver(directory, p.Memberships, p.Log),
		Presence:     members.NewPresence(directory, p.Memberships, p.Log, directLimit, env),
		Pinger:       members.NewPinger(directory, p.Memberships, p.Log, env),
		Messages:     messages.NewSender(directory, meter, publisher, o.Limits),
		History:      messages.NewHistorian(directory, log),
		Notify:       inbox.NewSender(directory, meter, notifier, o.Limits),
		Inbox:        inbox.NewReader(directory, p.Inboxes, o.Inbox),
		Acknowledger: inbox.NewAcknowledger(directory, p.Inboxes),
		Cursors: cursors.NewMover(cursors.Ports{
			Connections: p.Connections, Lists: p.Memberships, Heads: p.Log, Display: display, Queue: p.CursorQueue,
		}, meter, o.Limits, directLimit, env),
		Refresher: session.NewRefresher(p.Connections, p.Memberships, p.Expiries, env),

		Publisher: publisher,
		Notifier:  notifier,

		Connector:    session.NewConnector(members.NewAdmitter(p.Connections, p.Log), quotas, env),
		Disconnector: session.NewDisconnector(p.Connections, env),
		Sweeper:      session.NewSweeper(p.Connections, p.Expiries, p.Poster, env),
		Jobs:         delivery.NewRunner(deliverer, p.Memberships, p.Inboxes, p.Queue, rebalancer, env),
		CursorJobs:   cursors.NewRunner(p.Memberships, display, env),
		Replier:      delivery.NewReplier(p.Poster, env),
	}
}
