package redrive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// lookups bounds the concurrent lookups of connections.
const lookups = 16

// judge looks up each connection that a job is for. A job that names none is for
// the members of its shard.
func (r *Redriver) judge(ctx context.Context, j delivery.Job) ([]Connection, error) {
	if len(j.Pending) == 0 {
		return r.judgeShard(ctx, j)
	}
	return each(j.Pending, func(o delivery.Pending) (Connection, error) {
		if j.NotificationID != "" {
			return r.judgeNotified(ctx, j, o)
		}
		return r.judgeMember(ctx, j, o)
	})
}

func (r *Redriver) judgeShard(ctx context.Context, j delivery.Job) ([]Connection, error) {
	all, err := r.Members.Members(ctx, j.RoomID, j.Shard, 0)
	if err != nil {
		return nil, fmt.Errorf("read the members of room %q: %w", j.RoomID, err)
	}
	return each(all, func(m members.Member) (Connection, error) {
		return r.judgeStanding(ctx, j, m), nil
	})
}

func (r *Redriver) judgeMember(ctx context.Context, j delivery.Job, o delivery.Pending) (Connection, error) {
	m, err := r.Members.Member(ctx, o.ConnectionID, members.Membership{RoomID: j.RoomID, Shard: j.Shard})
	if err == nil {
		return r.judgeStanding(ctx, j, m), nil
	}
	if !errors.Is(err, members.ErrNotMember) {
		return Connection{}, fmt.Errorf("look up a member of room %q: %w", j.RoomID, err)
	}
	known, err := r.isKnown(ctx, o)
	switch {
	case err != nil:
		return Connection{}, err
	case known:
		return found(o, Left, "left the room, or joined it again since, which brings what it missed"), nil
	}
	return found(o, Gone, "no longer connected"), nil
}

// judgeStanding judges a connection that is in the room.
func (r *Redriver) judgeStanding(ctx context.Context, j delivery.Job, m members.Member) Connection {
	o := delivery.PendingOf(m)
	if m.AckedSeq >= j.Seq {
		return found(o, Recovered, fmt.Sprintf("has everything up to seq %d already", m.AckedSeq))
	}
	return r.judgeSocket(ctx, o)
}

func (r *Redriver) judgeNotified(ctx context.Context, j delivery.Job, o delivery.Pending) (Connection, error) {
	known, err := r.isKnown(ctx, o)
	switch {
	case err != nil:
		return Connection{}, err
	case !known:
		return found(o, Gone, "no longer connected; the notification waits in the inbox"), nil
	}
	waits, err := r.Inboxes.Has(ctx, o.UserID, j.NotificationID)
	switch {
	case err != nil:
		return Connection{}, fmt.Errorf("look into the inbox of user %q: %w", o.UserID, err)
	case !waits:
		return found(o, Acknowledged, "no longer in the inbox"), nil
	}
	return r.judgeSocket(ctx, o), nil
}

// judgeSocket asks API Gateway about a connection that the tables know.
func (r *Redriver) judgeSocket(ctx context.Context, o delivery.Pending) Connection {
	err := r.Poster.Confirm(ctx, o.ConnectionID)
	young := !o.Established && r.Now().Sub(time.UnixMilli(o.ConnectedAt)) < members.HandshakeTime
	switch {
	case errors.Is(err, delivery.ErrGone) && !young:
		return found(o, Gone, "API Gateway no longer knows it")
	case err != nil && !errors.Is(err, delivery.ErrGone):
		// A post will show it.
		return found(o, Pending, fmt.Sprintf("API Gateway could not be asked: %v", err))
	}
	return found(o, Pending, "connected, and does not have it as far as is known")
}

func (r *Redriver) isKnown(ctx context.Context, o delivery.Pending) (bool, error) {
	_, err := r.Connections.Connection(ctx, o.ConnectionID)
	if errors.Is(err, members.ErrUnknownConnection) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up connection %s: %w", o.ConnectionID, err)
	}
	return true, nil
}

func found(o delivery.Pending, v Verdict, why string) Connection {
	return Connection{ConnectionID: o.ConnectionID, UserID: o.UserID, Verdict: v, Why: why, recipient: o}
}

// each calls f for every item concurrently, and returns the results in order,
// or the first error.
func each[T any](items []T, f func(T) (Connection, error)) ([]Connection, error) {
	all := make([]Connection, len(items))
	var group errgroup.Group
	group.SetLimit(lookups)
	for i, item := range items {
		group.Go(func() (err error) {
			all[i], err = f(item)
			return err
		})
	}
	return all, group.Wait()
}
