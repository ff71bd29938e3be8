package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/local"
)

// The limits of the stacks that are probed.
const (
	// directLimit is the size of a room up to which the sender's function posts.
	directLimit = 3
	// shardSize is about how many members share a shard. A shard this small is
	// counted at every join.
	shardSize = 2
	// splitSize is a size at which every message counts the members, because they
	// are far too many for one shard.
	splitSize = 2*shardSize + 1
	// inboxLimit is how many notifications an inbox keeps. The read of an inbox
	// drops one above it, and the second of two more that are sent drops both.
	inboxLimit = 4
	// userLimit is how many connections a user may have. With one, the second is
	// always refused; with more, it could find a free slot by chance.
	userLimit = 1
	// roomLimit is how many members a room may have: enough for all probes.
	roomLimit = 100
)

// probeTimeout bounds all probes together. On a stack that works they take four
// seconds, most of it for a delivery that cannot succeed.
const probeTimeout = 20 * time.Second

// probing is a stack that is being probed.
type probing struct {
	cloud *local.Cloud
	db    *dynamodb.Client
	table string // of the connections
	log   string // of the messages
	jobs  string // the queue of broadcasts
	key   string // what signs tokens
}

// probe uses a part of the stack, and returns an error if that does not work.
type probe struct {
	name string
	run  func(*probing, context.Context) error
	// of are the functions whose missing permissions this probe notices, by the
	// names of their policies. It may call others too.
	of []string
}

// probes use every route, and everything that the functions do. They share a stack,
// but no user and no room.
var probes = []probe{
	{"connect and disconnect", (*probing).connecting, []string{"ChatSession"}},
	{"a small room", func(p *probing, ctx context.Context) error { return p.message(ctx, "small", directLimit-1) }, []string{"ChatMessages"}},
	{"a large room", func(p *probing, ctx context.Context) error { return p.message(ctx, "large", splitSize) }, []string{"ChatMessages", "ChatBroadcast"}},
	{"join and leave", (*probing).joining, []string{"ChatRooms"}},
	{"cursors of a few", func(p *probing, ctx context.Context) error { return p.cursors(ctx, "pointing", directLimit) }, []string{"ChatEphemeral"}},
	{"cursors of many", func(p *probing, ctx context.Context) error { return p.cursors(ctx, "waving", directLimit+1) }, []string{"ChatEphemeral", "ChatCursors"}},
	{"notifications", (*probing).notifications, []string{"ChatMessages"}},
	{"questions", (*probing).questions, []string{"ChatRooms"}},
	{"recovery", (*probing).recovery, []string{"ChatMessages", "ChatRooms"}},
	{"gaps", (*probing).gaps, []string{"ChatRooms"}},
	{"inboxes", (*probing).inboxes, []string{"ChatMessages", "ChatInbox"}},
	{"redelivery", (*probing).redelivery, []string{"ChatMessages"}},
	{"limits", (*probing).limits, []string{"ChatSession"}},
	{"a new token", (*probing).refreshing, []string{"Auth"}},
	{"the end of a token", (*probing).expiring, []string{"ChatExpiry"}},
}

// probesOf returns the probes that need a function's permissions.
func probesOf(function string) []probe {
	return slices.DeleteFunc(slices.Clone(probes), func(b probe) bool { return !slices.Contains(b.of, function) })
}

// everything runs all probes, and returns the first error.
func (p *probing) everything(ctx context.Context) error {
	if err := p.works(ctx, probes); err != nil {
		return err
	}
	if err := p.queued(ctx); err != nil {
		return err
	}
	return p.logs(ctx)
}

func newProbing(cloud *local.Cloud) (*probing, error) {
	key, ok := cloud.Secret(cloud.Outputs()["AuthSecretArn"])
	if !ok {
		return nil, errors.New("there is no secret to sign tokens with")
	}
	return &probing{
		cloud: cloud, key: key,
		table: cloud.Outputs()[connections],
		log:   cloud.Outputs()[messages],
		jobs:  path.Base(cloud.Outputs()["BroadcastQueueUrl"]),
		db: dynamodb.New(dynamodb.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(cloud.Engine("dynamodb")),
			Credentials: credentials.NewStaticCredentialsProvider("probe", "probe", ""),
		}),
	}, nil
}

// works runs these probes at the same time, and returns the first error.
func (p *probing) works(ctx context.Context, probes []probe) error {
	all, probing := errgroup.WithContext(ctx) // the first failure is enough
	for _, b := range probes {
		all.Go(func() error {
			if err := b.run(p, probing); err != nil {
				return fmt.Errorf("%s: %w", b.name, err)
			}
			return nil
		})
	}
	return all.Wait()
}

// queued checks that three jobs went through the queue: that of the large room, its
// pending recipients, and that of the redelivered notification. The last two came
// back because they failed. A sender that cannot read the members, or cannot post,
// queues more jobs: its message arrives, but later and at a higher cost.
func (p *probing) queued(ctx context.Context) error {
	const jobs = 3
	var calls map[string]int64
	err := poll(ctx, func() (bool, error) {
		calls = map[string]int64{}
		for _, q := range p.cloud.Usage().SQS.Queues {
			if q.Queue == p.jobs {
				calls[q.Operation] += q.Calls
			}
		}
		sent := calls["SendMessageBatch"]
		if sent > jobs {
			return false, errors.New("too many jobs were queued")
		}
		return sent == jobs && calls["ChangeMessageVisibility"] >= 2, nil
	})
	if err != nil {
		return fmt.Errorf("the queue was called %v times, want %d jobs, and two that come back: %w", calls, jobs, err)
	}
	return nil
}

// connecting checks that a connection has its items and slots, and that none of them
// is left after it is closed.
func (p *probing) connecting(ctx context.Context) error {
	ada, err := p.dial(ctx, "comer", "comings")
	if err != nil {
		return err
	}
	if err := p.until(ctx, "USER#comer", 1); err != nil {
		return err
	}
	if err := p.until(ctx, "ROOM#comings#0", 1); err != nil {
		return err
	}
	if err := p.until(ctx, "SLOT#USER#comer#0", 1); err != nil {
		return err
	}
	_ = ada.conn.Close(websocket.StatusNormalClosure, "")
	return errors.Join(p.until(ctx, "USER#comer", 0), p.until(ctx, "ROOM#comings#0", 0), p.until(ctx, "SLOT#USER#comer#0", 0))
}

// notifications checks that a notification arrives, and that the sender's function
// forgets a connection that is gone.
func (p *probing) notifications(ctx context.Context) error {
	ada, err := p.dial(ctx, "notifier", "")
	if err != nil {
		return err
	}
	bob, err := p.dial(ctx, "notified", "")
	if err != nil {
		return err
	}
	// Bob has another connection, which is gone.
	if err := p.ghost(ctx, ghost{user: "notified", room: "elsewhere", age: time.Minute}); err != nil {
		return err
	}
	if err := ada.send(ctx, object{"action": "notify", "userId": "notified", "notification": "hi", "clientId": "c"}); err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return ada.await(ctx, "ack") })
	all.Go(func() error { return bob.await(ctx, "notification") })
	all.Go(func() error { return p.until(ctx, "USER#notified", 1) })
	all.Go(func() error { return p.until(ctx, ghostSlot("notified"), 0) })
	return all.Wait()
}

// questions checks the routes that only answer.
func (p *probing) questions(ctx context.Context) error {
	ada, err := p.dial(ctx, "asker", "questions")
	if err != nil {
		return err
	}
	if err := ada.tell(ctx, object{"action": "presence"}, "presence"); err != nil {
		return err
	}
	if err := ada.tell(ctx, object{"action": "ping"}, "pong"); err != nil {
		return err
	}
	return ada.tell(ctx, object{"action": "nonsense"}, "error")
}

// logs checks that every function has written to its log group.
func (p *probing) logs(ctx context.Context) error {
	silent := map[string]bool{}
	for _, name := range p.cloud.Functions() {
		silent[name] = true
	}
	// Lines are counted after the answer was sent.
	err := poll(ctx, func() (bool, error) {
		for _, f := range p.cloud.Usage().Logs.Functions {
			if f.Bytes > 0 {
				delete(silent, f.Function)
			}
		}
		return len(silent) == 0, nil
	})
	if err != nil {
		return fmt.Errorf("without log lines: %v: %w", silent, err)
	}
	return nil
}
