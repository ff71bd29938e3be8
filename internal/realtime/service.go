package realtime

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cache"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// DefaultDirectLimit is the number of members up to which a room is posted to
// by the sender's own function. So many posts in parallel take hardly longer
// than one; beyond it the sender would wait for its ack.
const DefaultDirectLimit = 100

// Options are the parts of a [Service]. A part that no method in use needs may
// be nil: each method says what it needs.
type Options struct {
	Connections Connections
	Log         Log
	Sends       sends.Store
	Inboxes     Inboxes
	Rates       Rates
	Seats       Seats
	Poster      Poster
	Queue       Queue
	CursorQueue CursorQueue
	// Limits are how much of something there may be. Default: those of Limits.
	Limits Limits
	// Retention says how much of a room's log can be recovered and read.
	// Default: DefaultRetention, for each field that is 0.
	Retention roomlog.Retention
	// InboxRetention is how long a notification waits to be acknowledged.
	// Default: DefaultInboxRetention.
	InboxRetention time.Duration
	// InboxLimit is how many notifications of a user are kept, see [Surplus].
	// Default: DefaultInboxLimit.
	InboxLimit int
	// DirectLimit is the number of members up to which a message is posted at
	// once, and above which it is queued. Default: DefaultDirectLimit.
	DirectLimit int
	// ShardSize is about how many members share a shard of a room. Default:
	// DefaultShardSize.
	ShardSize int
	// PostsInFlight is how many posts of queued jobs are under way at the same
	// time, up to the 100 of what a sender waits for. Default:
	// DefaultPostsInFlight.
	PostsInFlight int
	// Logger hears about failures. It is never given what users write.
	// Default: slog's default logger.
	Logger *slog.Logger
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// NewID returns an id that no other call ever returns, here or elsewhere.
	// Default: a random ULID.
	NewID func() string
}

// Service carries out what clients ask for. All that it remembers beside its
// parts is for speed: how fast it may post, and for a moment who is in a room,
// who moves a cursor there, and who has reached a limit.
// It may be used by any number of goroutines.
type Service struct {
	connections Connections
	log         Log
	reader      *roomlog.Reader
	appender    *roomlog.Appender
	sends       sends.Store
	inboxes     Inboxes
	rates       Rates
	seats       Seats
	poster      Poster
	queue       Queue
	cursorQueue CursorQueue
	pace        *pace // of what a sender waits for
	queuedPace  *pace
	cursorPace  *pace
	ahead       *readAhead
	rosters     *cache.Cache[Membership, roster]
	movers      *cache.Cache[string, Connection]
	crowds      *cache.Cache[string, crowd]
	filling     *cache.Cache[RateKey, time.Time] // when buckets will be full that are not
	refused     *cache.Cache[string, time.Time]  // when those of users will be, by the connections that were refused
	cursorless  *cache.Cache[tooLarge, struct{}] // who was refused cursors in a large room
	full        *cache.Cache[Holder, struct{}]   // holders without a free seat
	slowed      *cache.Cache[string, struct{}]   // connections that were posted a refusal for their rate
	swept       atomic.Int64                     // s since 1970 by which no token had ended that is not dealt with, 0 for not known

	limits         Limits
	retention      roomlog.Retention
	inboxRetention time.Duration
	inboxLimit     int
	directLimit    int
	shardSize      int

	logger *slog.Logger
	now    func() time.Time
	newID  func() string
}

// New returns a service made of parts.
func New(o Options) *Service {
	limits := o.Limits.withDefaults()
	s := &Service{
		connections: o.Connections, log: o.Log, sends: o.Sends, inboxes: o.Inboxes,
		rates: o.Rates, seats: o.Seats, poster: o.Poster, queue: o.Queue, cursorQueue: o.CursorQueue,
		pace: newPace(maxInAir), queuedPace: newPace(cmp.Or(o.PostsInFlight, DefaultPostsInFlight)), cursorPace: newPace(maxCursorsInAir), ahead: newReadAhead(),
		rosters: cache.New[Membership, roster](maxRosters), movers: cache.New[string, Connection](maxMovers),
		crowds:  cache.New[string, crowd](maxCrowds),
		filling: cache.New[RateKey, time.Time](maxFilling), refused: cache.New[string, time.Time](maxFilling),
		cursorless: cache.New[tooLarge, struct{}](maxMovers), full: cache.New[Holder, struct{}](maxFull),
		slowed:         cache.New[string, struct{}](maxFilling),
		limits:         limits,
		retention:      o.Retention.WithDefaults(),
		inboxRetention: cmp.Or(o.InboxRetention, DefaultInboxRetention),
		inboxLimit:     cmp.Or(o.InboxLimit, DefaultInboxLimit),
		directLimit:    cmp.Or(o.DirectLimit, DefaultDirectLimit),
		shardSize:      cmp.Or(o.ShardSize, shard.DefaultSize),
		logger:         o.Logger, now: o.Now, newID: o.NewID,
	}
	if s.logger == nil {
		s.logger = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.newID == nil {
		s.newID = func() string { return ulid.MustNew(ulid.Timestamp(s.now()), rand.Reader).String() }
	}
	env := base.Env{Logger: s.logger, Now: s.now, NewID: s.newID}
	s.reader = roomlog.NewReader(o.Log, o.Retention, env)
	s.appender = roomlog.NewAppender(o.Log, o.Sends, o.Retention, env)
	return s
}

// Log stores logs and layouts of rooms.
type Log interface {
	roomlog.Log
	// Resize replaces the layout of a room, whether or not it has a log. The
	// new one's Version has to follow that of the one it replaces; if another
	// one came first, nothing is done and the error is ErrResized. The head is kept
	// until expiresAt at least.
	Resize(ctx context.Context, roomID string, to shard.Layout, expiresAt time.Time) error
}
