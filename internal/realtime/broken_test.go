package realtime_test

import (
	"context"
	"errors"

	"github.com/roomcast/roomcast/internal/realtime"
)

var errBroken = errors.New("the table is on fire")

// broken fails whatever it is asked.
type broken struct{}

func (broken) Connect(context.Context, realtime.Connection) error { return errBroken }
func (broken) Connection(context.Context, string) (realtime.Connection, error) {
	return realtime.Connection{}, errBroken
}
func (broken) Remove(context.Context, realtime.Connection) error         { return errBroken }
func (broken) Join(context.Context, string, string) error                { return errBroken }
func (broken) Leave(context.Context, string, string) error               { return errBroken }
func (broken) OfUser(context.Context, string) ([]realtime.Member, error) { return nil, errBroken }
func (broken) Members(context.Context, string, int, int) ([]realtime.Member, error) {
	return nil, errBroken
}
func (broken) Head(context.Context, string) (realtime.Head, error) {
	return realtime.Head{}, errBroken
}
func (broken) Append(context.Context, realtime.Entry) (realtime.Head, error) {
	return realtime.Head{}, errBroken
}

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

func (refusing) Post(context.Context, string, []byte) error {
	return errors.Join(realtime.ErrRefused, errBroken)
}
func (refusing) Confirm(context.Context, string) error { return nil }

// brokenQueue is a queue that takes nothing.
type brokenQueue struct{}

func (brokenQueue) Enqueue(context.Context, realtime.Job) error { return errBroken }
