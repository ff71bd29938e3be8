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
	// directLimit is the size of room up to which the sender posts itself.
	directLimit = 3
	// shardSize is about how many members share a shard. So few are counted
	// with every join.
	shardSize = 2
	// crowd is as many as are counted with every message, because they are far
	// too many for one shard.
	crowd = 2*shardSize + 1
	// inboxLimit is how many notifications are kept: so many that one more is
	// dropped by who reads the inbox, and two more by who sends the second.
	inboxLimit = 4
	// userSeats is how many connections a user may have. With more a connection
	// could find the free seat by chance, and with one it is always refused.
	userSeats = 1
	// roomSeats is how many members a room may have: enough for all.
	roomSeats = 100
)

// probePatience bounds all probes together. On a stack that works they take
// four seconds, of which a delivery that cannot succeed takes most.
const probePatience = 20 * time.Second

// probing is a stack that is being probed.
type probing struct {
	cloud *local.Cloud
	db    *dynamodb.Client
	table string // of the connections
	log   string // of the messages
	jobs  string // the queue of broadcasts
	key   string // what signs tokens
}

// probe uses a part of the stack, and returns what of it does not work.
type probe struct {
	name string
	run  func(*probing, context.Context) error
	// of are the functions, by what their policies are called, whose missing
	// permissions show here. It may call others too.
	of []string
}

// probes exercise every route, and all that the functions behind them do.
// They share a stack, and no user or room.
var probes = []probe{
	{"connect and disconnect", (*probing).comings, []string{"ChatSession"}},
	{"a small room", func(p *probing, ctx context.Context) error { return p.message(ctx, "small", directLimit-1) }, []string{"ChatMessages"}},
	{"a large room", func(p *probing, ctx context.Context) error { return p.message(ctx, "large", crowd) }, []string{"ChatMessages", "ChatBroadcast"}},
	{"join and leave", (*probing).joining, []string{"ChatRooms"}},
	{"cursors of a few", func(p *probing, ctx context.Context) error { return p.cursors(ctx, "pointing", directLimit) }, []string{"ChatEphemeral"}},
	{"cursors of many", func(p *probing, ctx context.Context) error { return p.cursors(ctx, "waving", directLimit+1) }, []string{"ChatEphemeral", "ChatCursors"}},
	{"notifications", (*probing).notifications, []string{"ChatMessages"}},
	{"questions", (*probing).questions, []string{"ChatRooms"}},
	{"recovery", (*probing).recovery, []string{"ChatMessages", "ChatRooms"}},
	{"settling", (*probing).settling, []string{"ChatRooms"}},
	{"inboxes", (*probing).inboxes, []string{"ChatMessages", "ChatInbox"}},
	{"redelivery", (*probing).redelivery, []string{"ChatMessages"}},
	{"seats", (*probing).seats, []string{"ChatSession"}},
	{"a new token", (*probing).refreshing, []string{"Auth"}},
	{"the end of a token", (*probing).expiring, []string{"ChatExpiry"}},
}

// probesOf returns the probes that need a function's permissions.
func probesOf(function string) []probe {
	return slices.DeleteFunc(slices.Clone(probes), func(b probe) bool { return !slices.Contains(b.of, function) })
}

// everything returns what of the stack does not work, nil if all does.
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

// works returns what of that which clients see does not work, as far as these
// probes look.
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

// queued: three jobs went through the queue, the large room's, what it left
// owed, and what the notification of redelivery did; and these two came back
// because they failed. A sender that cannot read the members, or cannot post,
// queues more: what it sends arrives, but later and for more.
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

// comings: who connects has rows and seats, who disconnects has none any more.
func (p *probing) comings(ctx context.Context) error {
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

func (p *probing) notifications(ctx context.Context) error {
	ada, err := p.dial(ctx, "notifier", "")
	if err != nil {
		return err
	}
	bob, err := p.dial(ctx, "notified", "")
	if err != nil {
		return err
	}
	// Another connection of bob's.
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
	all.Go(func() error { return p.until(ctx, ghostSeat("notified"), 0) })
	return all.Wait()
}

// questions: the routes that only answer.
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

// logs: every function has written to its log group.
func (p *probing) logs(ctx context.Context) error {
	silent := map[string]bool{}
	for _, name := range p.cloud.Functions() {
		silent[name] = true
	}
	// What a function writes is counted when its answer has gone out.
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
