package realtimetest

import (
	"context"
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// ErrBroken is the error of a [Broken] store.
var ErrBroken = errors.New("the table is on fire")

// Broken is all stores, none of which can be read or written.
type Broken struct{}

// Connect implements its port.
func (Broken) Connect(context.Context, members.Connection) error { return ErrBroken }

// Connection implements its port.
func (Broken) Connection(context.Context, string) (members.Connection, error) {
	return members.Connection{}, ErrBroken
}

// Renew implements its port.
func (Broken) Renew(context.Context, string, session.Identity) (members.Connection, error) {
	return members.Connection{}, ErrBroken
}

// ListExpiries implements its port.
func (Broken) ListExpiries(context.Context, time.Time) ([]session.TokenExpiry, error) {
	return nil, ErrBroken
}

// AddExpiry implements its port.
func (Broken) AddExpiry(context.Context, session.TokenExpiry) error { return ErrBroken }

// DropExpiry implements its port.
func (Broken) DropExpiry(context.Context, session.TokenExpiry) error { return ErrBroken }

// Remove implements its port.
func (Broken) Remove(context.Context, members.Connection) error { return ErrBroken }

// Join implements its port.
func (Broken) Join(context.Context, string, members.Membership, members.Status, members.JoinConditions) error {
	return ErrBroken
}

// SetStatus implements its port.
func (Broken) SetStatus(context.Context, string, members.Membership, members.Status) error {
	return ErrBroken
}

// Count implements its port.
func (Broken) Count(context.Context, string, int) (int, error) { return 0, ErrBroken }

// Resize implements its port.
func (Broken) Resize(context.Context, string, shard.Layout, time.Time) error { return ErrBroken }

// Member implements its port.
func (Broken) Member(context.Context, string, members.Membership) (members.Member, error) {
	return members.Member{}, ErrBroken
}

// Leave implements its port.
func (Broken) Leave(context.Context, string, string) error { return ErrBroken }

// DropMember implements its port.
func (Broken) DropMember(context.Context, string, members.Membership) error { return ErrBroken }

// OfUser implements its port.
func (Broken) OfUser(context.Context, string) ([]members.Member, error) { return nil, ErrBroken }

// Members implements its port.
func (Broken) Members(context.Context, string, int, int) ([]members.Member, error) {
	return nil, ErrBroken
}

// Head implements its port.
func (Broken) Head(context.Context, string) (roomlog.Head, error) {
	return roomlog.Head{}, ErrBroken
}

// Advance implements its port.
func (Broken) Advance(context.Context, string, string, time.Time, time.Time) (roomlog.Head, error) {
	return roomlog.Head{}, ErrBroken
}

// Raise implements its port.
func (Broken) Raise(context.Context, string, string, int64) error { return ErrBroken }

// Put implements its port.
func (Broken) Put(context.Context, roomlog.Entry) (roomlog.Entry, error) {
	return roomlog.Entry{}, ErrBroken
}

// Entries implements its port.
func (Broken) Entries(context.Context, string, roomlog.Span) ([]roomlog.Entry, error) {
	return nil, ErrBroken
}

// Get implements its port.
func (Broken) Get(context.Context, sends.Key) (sends.Send, error) {
	return sends.Send{}, ErrBroken
}

// Claim implements its port.
func (Broken) Claim(context.Context, sends.Key, sends.Send) (sends.Send, error) {
	return sends.Send{}, ErrBroken
}

// Move implements its port.
func (Broken) Move(context.Context, sends.Key, int64, sends.Send) error { return ErrBroken }

// Add implements its port.
func (Broken) Add(context.Context, string, inbox.Notification) (int64, error) { return 0, ErrBroken }

// List implements its port.
func (Broken) List(context.Context, string, string, int) ([]inbox.Notification, error) {
	return nil, ErrBroken
}

// Trim implements its port.
func (Broken) Trim(context.Context, string, int) error { return ErrBroken }

// Has implements its port.
func (Broken) Has(context.Context, string, string) (bool, error) { return false, ErrBroken }

// State implements its port.
func (Broken) State(context.Context, string) (inbox.State, error) {
	return inbox.State{}, ErrBroken
}

// AcknowledgeDropped implements its port.
func (Broken) AcknowledgeDropped(context.Context, string, int64) error { return ErrBroken }

// Acknowledge implements its port.
func (Broken) Acknowledge(context.Context, string, string) error { return ErrBroken }

// Withdraw implements its port.
func (Broken) Withdraw(context.Context, limits.BucketKey, limits.Withdrawal) (time.Time, error) {
	return time.Time{}, ErrBroken
}

// Take implements its port.
func (Broken) Take(context.Context, limits.QuotaKey, int, string, time.Time) (limits.Slot, error) {
	return limits.Slot{}, ErrBroken
}

// Release implements its port.
func (Broken) Release(context.Context, limits.Slot, string) error { return ErrBroken }

// WithoutMembers is a store that cannot list the members of rooms and the connections of users.
type WithoutMembers struct{ Connections }

// Members implements its port.
func (WithoutMembers) Members(context.Context, string, int, int) ([]members.Member, error) {
	return nil, ErrBroken
}

// OfUser implements its port.
func (WithoutMembers) OfUser(context.Context, string) ([]members.Member, error) {
	return nil, ErrBroken
}

// Refusing is a poster whose posts are all refused.
type Refusing struct{}

// Post implements its port.
func (Refusing) Post(context.Context, string, delivery.Payload) error {
	return errors.Join(delivery.ErrRefused, ErrBroken)
}

// Confirm implements its port.
func (Refusing) Confirm(context.Context, string) error { return nil }

// Close implements its port.
func (Refusing) Close(context.Context, string) error { return delivery.ErrRefused }

// BrokenQueue is a queue that cannot be written.
type BrokenQueue struct{}

// Enqueue implements its port.
func (BrokenQueue) Enqueue(context.Context, ...delivery.Job) error { return ErrBroken }

// Outage is a table of connections that can be down.
type Outage struct {
	Connections
	Down bool
}

// Connection implements its port.
func (b *Outage) Connection(ctx context.Context, id string) (members.Connection, error) {
	if b.Down {
		return members.Connection{}, ErrBroken
	}
	return b.Connections.Connection(ctx, id)
}

// Members implements its port.
func (b *Outage) Members(ctx context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	if b.Down {
		return nil, ErrBroken
	}
	return b.Connections.Members(ctx, roomID, shard, limit)
}
