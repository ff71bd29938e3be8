package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// fill connects users to a room. They name it in the URL, which counts no members:
// the room keeps one shard.
func (p *probing) fill(ctx context.Context, room string, members int) ([]*socket, error) {
	sockets := make([]*socket, members)
	for i := range sockets {
		var err error
		if sockets[i], err = p.dial(ctx, fmt.Sprint(room, i), room); err != nil {
			return nil, err
		}
	}
	return sockets, nil
}

// message checks that a message reaches every member of a room of that size, and
// that the member that is gone is forgotten, with its slot. A large room is split.
func (p *probing) message(ctx context.Context, room string, members int) error {
	sockets, err := p.fill(ctx, room, members)
	if err != nil {
		return err
	}
	if err := p.ghost(ctx, ghost{user: room + "ghost", room: room, age: time.Minute}); err != nil {
		return err
	}
	if members >= splitSize { // for the queue's function, this one stays pending
		if err := p.ghost(ctx, ghost{user: "new in " + room, room: room}); err != nil {
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
	all.Go(func() error { return p.until(ctx, ghostSlot(room+"ghost"), 0) })
	if members >= splitSize {
		all.Go(func() error { return p.untilSplit(ctx, room, 2) })
	}
	return all.Wait()
}

// joining checks that the join that fills a shard opens another. A member that joins
// again moves there, and leaves from there.
func (p *probing) joining(ctx context.Context) error {
	var last *socket
	for i := range shardSize {
		var err error
		if last, err = p.dial(ctx, fmt.Sprint("joiner", i), ""); err != nil {
			return err
		}
		if err := p.join(ctx, last); err != nil {
			return err
		}
	}
	if err := p.untilSplit(ctx, "joined", 2); err != nil {
		return err
	}
	if err := p.join(ctx, last); err != nil {
		return err
	}
	if err := errors.Join(p.until(ctx, "ROOM#joined#0", shardSize-1), p.until(ctx, "ROOM#joined#1", 1)); err != nil {
		return err
	}
	for range 2 { // the second leave is of a room that the connection does not list
		if err := last.tell(ctx, object{"action": "leave", "roomId": "joined"}, "left"); err != nil {
			return err
		}
	}
	return p.until(ctx, "ROOM#joined#1", 0)
}

func (p *probing) join(ctx context.Context, s *socket) error {
	return s.tell(ctx, object{"action": "join", "roomId": "joined"}, "joined")
}

// cursors checks that the others in a room of that size see a cursor move. It is
// moved again and again, because a move that is late is not shown.
func (p *probing) cursors(ctx context.Context, room string, members int) error {
	sockets, err := p.fill(ctx, room, members)
	if err != nil {
		return err
	}
	var others errgroup.Group
	for _, s := range sockets[1:] {
		others.Go(func() error { return s.await(ctx, "cursor") })
	}
	shown := make(chan error, 1)
	go func() { shown <- others.Wait() }()
	for {
		move := object{"action": "cursorMove", "position": object{"x": 1, "y": 2}}
		if err := sockets[0].send(ctx, move); err != nil {
			return err
		}
		select {
		case err := <-shown:
			return err
		case <-time.After(time.Second):
		}
	}
}
