package realtime_test

import (
	"context"
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

var errBroken = errors.New("the table is on fire")

// broken fails whatever it is asked.
type broken struct{}

func (broken) Connect(context.Context, members.Connection) error { return errBroken }
func (broken) Connection(context.Context, string) (members.Connection, error) {
	return members.Connection{}, errBroken
}
func (broken) Renew(context.Context, string, session.Identity) (members.Connection, error) {
	return members.Connection{}, errBroken
}
func (broken) ListExpiries(context.Context, time.Time) ([]session.TokenExpiry, error) {
	return nil, errBroken
}
func (broken) AddExpiry(context.Context, session.TokenExpiry) error  { return errBroken }
func (broken) DropExpiry(context.Context, session.TokenExpiry) error { return errBroken }
func (broken) Remove(context.Context, members.Connection) error      { return errBroken }
func (broken) Join(context.Context, string, members.Membership, members.Status, members.JoinConditions) error {
	return errBroken
}
func (broken) SetStatus(context.Context, string, members.Membership, members.Status) error {
	return errBroken
}
func (broken) Count(context.Context, string, int) (int, error)               { return 0, errBroken }
func (broken) Resize(context.Context, string, shard.Layout, time.Time) error { return errBroken }
func (broken) Member(context.Context, string, members.Membership) (members.Member, error) {
	return members.Member{}, errBroken
}
func (broken) Leave(context.Context, string, string) error                  { return errBroken }
func (broken) DropMember(context.Context, string, members.Membership) error { return errBroken }
func (broken) OfUser(context.Context, string) ([]members.Member, error)     { return nil, errBroken }
func (broken) Members(context.Context, string, int, int) ([]members.Member, error) {
	return nil, errBroken
}
func (broken) Head(context.Context, string) (roomlog.Head, error) {
	return roomlog.Head{}, errBroken
}
func (broken) Advance(context.Context, string, string, time.Time, time.Time) (roomlog.Head, error) {
	return roomlog.Head{}, errBroken
}
func (broken) Raise(context.Context, string, string, int64) error { return errBroken }
func (broken) Put(context.Context, roomlog.Entry) (roomlog.Entry, error) {
	return roomlog.Entry{}, errBroken
}
func (broken) Entries(context.Context, string, roomlog.Span) ([]roomlog.Entry, error) {
	return nil, errBroken
}
func (broken) Get(context.Context, sends.Key) (sends.Send, error) {
	return sends.Send{}, errBroken
}
func (broken) Claim(context.Context, sends.Key, sends.Send) (sends.Send, error) {
	return sends.Send{}, errBroken
}
func (broken) Move(context.Context, sends.Key, int64, sends.Send) error       { return errBroken }
func (broken) Add(context.Context, string, inbox.Notification) (int64, error) { return 0, errBroken }
func (broken) List(context.Context, string, string, int) ([]inbox.Notification, error) {
	return nil, errBroken
}
func (broken) Trim(context.Context, string, int) error           { return errBroken }
func (broken) Has(context.Context, string, string) (bool, error) { return false, errBroken }
func (broken) State(context.Context, string) (inbox.State, error) {
	return inbox.State{}, errBroken
}
func (broken) AcknowledgeDropped(context.Context, string, int64) error { return errBroken }
func (broken) Acknowledge(context.Context, string, string) error       { return errBroken }
func (broken) Withdraw(context.Context, limits.BucketKey, limits.Withdrawal) (time.Time, error) {
	return time.Time{}, errBroken
}
func (broken) Take(context.Context, limits.QuotaKey, int, string, time.Time) (limits.Slot, error) {
	return limits.Slot{}, errBroken
}
func (broken) Release(context.Context, limits.Slot, string) error { return errBroken }

// withoutMembers is a store that fails to tell who is in a room or who is a user.
type withoutMembers struct{ realtimetest.Connections }

func (withoutMembers) Members(context.Context, string, int, int) ([]members.Member, error) {
	return nil, errBroken
}
func (withoutMembers) OfUser(context.Context, string) ([]members.Member, error) {
	return nil, errBroken
}

// refusing is a poster that takes nothing.
type refusing struct{}

func (refusing) Post(context.Context, string, delivery.Payload) error {
	return errors.Join(delivery.ErrRefused, errBroken)
}
func (refusing) Confirm(context.Context, string) error { return nil }
func (refusing) Close(context.Context, string) error   { return delivery.ErrRefused }

// brokenQueue is a queue that takes nothing.
type brokenQueue struct{}

func (brokenQueue) Enqueue(context.Context, ...delivery.Job) error { return errBroken }
