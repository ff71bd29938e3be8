package realtime_test

import (
	"context"
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

var errBroken = errors.New("the table is on fire")

// broken fails whatever it is asked.
type broken struct{}

func (broken) Connect(context.Context, realtime.Connection) error { return errBroken }
func (broken) Connection(context.Context, string) (realtime.Connection, error) {
	return realtime.Connection{}, errBroken
}
func (broken) Renew(context.Context, string, realtime.Identity) (realtime.Connection, error) {
	return realtime.Connection{}, errBroken
}
func (broken) Endings(context.Context, time.Time) ([]realtime.Ending, error) { return nil, errBroken }
func (broken) NoteEnding(context.Context, realtime.Ending) error             { return errBroken }
func (broken) DropEnding(context.Context, realtime.Ending) error             { return errBroken }
func (broken) Remove(context.Context, realtime.Connection) error             { return errBroken }
func (broken) Join(context.Context, string, realtime.Membership, realtime.Standing, realtime.Terms) error {
	return errBroken
}
func (broken) Refresh(context.Context, string, realtime.Membership, realtime.Standing) error {
	return errBroken
}
func (broken) Count(context.Context, string, int) (int, error)               { return 0, errBroken }
func (broken) Resize(context.Context, string, shard.Layout, time.Time) error { return errBroken }
func (broken) Member(context.Context, string, realtime.Membership) (realtime.Member, error) {
	return realtime.Member{}, errBroken
}
func (broken) Leave(context.Context, string, string) error                   { return errBroken }
func (broken) DropMember(context.Context, string, realtime.Membership) error { return errBroken }
func (broken) OfUser(context.Context, string) ([]realtime.Member, error)     { return nil, errBroken }
func (broken) Members(context.Context, string, int, int) ([]realtime.Member, error) {
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
func (broken) Move(context.Context, sends.Key, int64, sends.Send) error   { return errBroken }
func (broken) Keep(context.Context, string, realtime.Note) (int64, error) { return 0, errBroken }
func (broken) Waiting(context.Context, string, string, int) ([]realtime.Note, error) {
	return nil, errBroken
}
func (broken) Trim(context.Context, string, int) error           { return errBroken }
func (broken) Has(context.Context, string, string) (bool, error) { return false, errBroken }
func (broken) State(context.Context, string) (realtime.InboxState, error) {
	return realtime.InboxState{}, errBroken
}
func (broken) Forgive(context.Context, string, int64) error      { return errBroken }
func (broken) Acknowledge(context.Context, string, string) error { return errBroken }
func (broken) Spend(context.Context, realtime.RateKey, realtime.Spending) (time.Time, error) {
	return time.Time{}, errBroken
}
func (broken) Take(context.Context, realtime.Holder, int, string, time.Time) (realtime.Seat, error) {
	return realtime.Seat{}, errBroken
}
func (broken) Release(context.Context, realtime.Seat, string) error { return errBroken }

// withoutMembers is a store that fails to tell who is in a room or who is a user.
type withoutMembers struct{ realtime.Connections }

func (withoutMembers) Members(context.Context, string, int, int) ([]realtime.Member, error) {
	return nil, errBroken
}
func (withoutMembers) OfUser(context.Context, string) ([]realtime.Member, error) {
	return nil, errBroken
}

// refusing is a poster that takes nothing.
type refusing struct{}

func (refusing) Post(context.Context, string, realtime.Payload) error {
	return errors.Join(realtime.ErrRefused, errBroken)
}
func (refusing) Confirm(context.Context, string) error { return nil }
func (refusing) Close(context.Context, string) error   { return realtime.ErrRefused }

// brokenQueue is a queue that takes nothing.
type brokenQueue struct{}

func (brokenQueue) Enqueue(context.Context, ...realtime.Job) error { return errBroken }
