package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/local"
)

// directLimit is the size of room up to which the sender posts itself, in the
// stacks that are probed.
const directLimit = 3

// inboxLimit is how many notifications wait at most in those stacks.
const inboxLimit = 2

// probePatience bounds all probes together. On a stack that works they take
// four seconds, of which a delivery that cannot succeed takes most.
const probePatience = 12 * time.Second

// probing is a stack that is being probed.
type probing struct {
	cloud *local.Cloud
	db    *dynamodb.Client
	table string // of the connections
	log   string // of the messages
}

// probes exercise every route, and all that the functions behind them do.
// They share a stack, and no user or room.
var probes = map[string]func(*probing, context.Context) error{
	"connect and disconnect": (*probing).comings,
	"a small room":           func(p *probing, ctx context.Context) error { return p.message(ctx, "small", 2) },
	"a large room":           func(p *probing, ctx context.Context) error { return p.message(ctx, "large", directLimit+1) },
	"join and leave":         (*probing).joining,
	"cursors":                (*probing).cursors,
	"notifications":          (*probing).notifications,
	"questions":              (*probing).questions,
	"recovery":               (*probing).recovery,
	"inboxes":                (*probing).inboxes,
	"redelivery":             (*probing).redelivery,
}

// probe returns what of the stack does not work, nil if all does.
func probe(ctx context.Context, cloud *local.Cloud) error {
	outer, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	p := &probing{
		cloud: cloud,
		table: cloud.Outputs()[connections],
		log:   cloud.Outputs()[messages],
		db: dynamodb.New(dynamodb.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(cloud.Engine("dynamodb")),
			Credentials: credentials.NewStaticCredentialsProvider("probe", "probe", ""),
		}),
	}
	all, ctx := errgroup.WithContext(outer) // the first failure is enough
	for name, run := range probes {
		all.Go(func() error {
			if err := run(p, ctx); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	if err := p.queued(outer); err != nil {
		return err
	}
	return p.logs(outer)
}

// queued: three jobs went through the queue, the large room's, what it left
// owed, and what the notification of redelivery did; and these two came back
// because they failed. A sender that cannot read the members, or cannot post,
// queues more: what it sends arrives, but later and for more.
func (p *probing) queued(ctx context.Context) error {
	const jobs = 3
	for {
		calls := map[string]int64{}
		for _, q := range p.cloud.Usage().SQS.Queues {
			calls[q.Operation] += q.Calls
		}
		switch sent := calls["SendMessage"]; {
		case sent > jobs:
			return fmt.Errorf("%d jobs were queued, not %d", sent, jobs)
		case sent == jobs && calls["ChangeMessageVisibility"] >= 2:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the queue was called %v times, want %d jobs, and two that come back", calls, jobs)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// comings: who connects has rows, who disconnects has none any more.
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
	_ = ada.conn.Close(websocket.StatusNormalClosure, "")
	return errors.Join(p.until(ctx, "USER#comer", 0), p.until(ctx, "ROOM#comings#0", 0))
}

// message: a message reaches every member of a room of that size, and the one
// that is gone is forgotten.
func (p *probing) message(ctx context.Context, room string, members int) error {
	sockets := make([]*socket, members)
	for i := range sockets {
		var err error
		if sockets[i], err = p.dial(ctx, fmt.Sprint(room, i), room); err != nil {
			return err
		}
	}
	if err := p.ghost(ctx, room+"ghost", room, time.Minute); err != nil {
		return err
	}
	if members > directLimit { // the queue's function leaves this one owed
		if err := p.ghost(ctx, "unborn in "+room, room, 0); err != nil {
			return err
		}
	}
	if err := sockets[0].send(ctx, object{"action": "sendMessage", "message": "hi", "clientId": "c"}); err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return sockets[0].await(ctx, "ack") })
	for _, s := range sockets[1:] {
		all.Go(func() error { return s.await(ctx, "message") })
	}
	all.Go(func() error { return p.until(ctx, "USER#"+room+"ghost", 0) })
	return all.Wait()
}

func (p *probing) joining(ctx context.Context) error {
	bob, err := p.dial(ctx, "joiner", "")
	if err != nil {
		return err
	}
	if err := bob.tell(ctx, object{"action": "join", "roomId": "joined"}, "joined"); err != nil {
		return err
	}
	if err := p.until(ctx, "ROOM#joined#0", 1); err != nil {
		return err
	}
	if err := bob.tell(ctx, object{"action": "leave", "roomId": "joined"}, "left"); err != nil {
		return err
	}
	return p.until(ctx, "ROOM#joined#0", 0)
}

func (p *probing) cursors(ctx context.Context) error {
	ada, err := p.dial(ctx, "mover", "cursors")
	if err != nil {
		return err
	}
	bob, err := p.dial(ctx, "watcher", "cursors")
	if err != nil {
		return err
	}
	if err := p.ghost(ctx, "cursorghost", "cursors", time.Minute); err != nil {
		return err
	}
	if err := ada.send(ctx, object{"action": "cursorMove", "position": object{"x": 1, "y": 2}}); err != nil {
		return err
	}
	return errors.Join(bob.await(ctx, "cursor"), p.until(ctx, "USER#cursorghost", 0))
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
	if err := p.ghost(ctx, "notified", "elsewhere", time.Minute); err != nil { // another connection of bob's
		return err
	}
	if err := ada.send(ctx, object{"action": "notify", "userId": "notified", "notification": "hi", "clientId": "c"}); err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return ada.await(ctx, "ack") })
	all.Go(func() error { return bob.await(ctx, "notification") })
	all.Go(func() error { return p.until(ctx, "USER#notified", 1) })
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
	for {
		silent := map[string]bool{}
		for _, name := range p.cloud.Functions() {
			silent[name] = true
		}
		for _, f := range p.cloud.Usage().Logs.Functions {
			if f.Bytes > 0 {
				delete(silent, f.Function)
			}
		}
		if len(silent) == 0 {
			return nil
		}
		// What a function writes is counted when its answer has gone out.
		select {
		case <-ctx.Done():
			return fmt.Errorf("without log lines: %v", silent)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
