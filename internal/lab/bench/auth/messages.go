package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/lab/bench/member"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// Messages are the units of messages in a room of one.
type Messages struct {
	Sent int `json:"sent"`
	// Open and Secret are the units of a message at the stack without a limit, and
	// at the one with permissions and a limit.
	Open   bench.Units `json:"openUnits"`
	Secret bench.Units `json:"secretUnits"`
	// Added is the difference.
	Added bench.Units `json:"addedUnits"`
	// TooMany are messages over the rate, Forbidden messages to a room to which the
	// user may not send.
	TooMany   Refused `json:"tooMany"`
	Forbidden Refused `json:"forbidden"`
}

// Refused are messages that a stack refuses.
type Refused struct {
	Frames int `json:"frames"`
	// Units are what each takes, on average.
	Units bench.Units `json:"units"`
}

// perUser is how many messages a user sends at once: what the default of
// MessageBurst lets through whenever it is.
const perUser = 10

func (d Bench) messages(ctx context.Context) (Messages, error) {
	m := Messages{Sent: d.Messages}
	for _, at := range []struct {
		stack Stack
		units *bench.Units
	}{{d.Open, &m.Open}, {d.Secret, &m.Secret}} {
		if _, err := accepted(ctx, at.stack, "warm-up", d.WarmUp); err != nil {
			return m, err
		}
		u, err := accepted(ctx, at.stack, "sender", d.Messages)
		if err != nil {
			return m, err
		}
		*at.units = units(u, d.Messages)
	}
	m.Added = bench.Units{Write: round(m.Secret.Write - m.Open.Write), Read: round(m.Secret.Read - m.Open.Read)}
	var err error
	if m.TooMany, err = d.tooMany(ctx, m.Secret); err != nil {
		return m, err
	}
	m.Forbidden, err = d.forbidden(ctx)
	return m, err
}

// accepted sends messages, each user so few that none is refused, and returns
// what they took.
func accepted(ctx context.Context, s Stack, name string, messages int) (used, error) {
	before := s.usedBy(Sender)
	for sent := 0; sent < messages; {
		conn, err := s.dial(ctx, fmt.Sprintf("%s-%d", name, sent), name, permission.Rules{})
		if err != nil {
			return used{}, err
		}
		sender := member.NewSender(ctx, conn, name, nil)
		for range min(perUser, messages-sent) {
			if _, _, err := sender.Send(ctx, "a message"); err != nil {
				sender.Close()
				return used{}, err
			}
			sent++
		}
		sender.Close()
	}
	return s.usedBy(Sender).since(before), nil
}

// mostRefused is as many messages as one connection can send at once before the
// limit of frames refuses them, which costs nothing and would be counted too.
const mostRefused = 100

// tooMany sends, from one user, until enough messages have been refused. What
// the accepted ones took is known.
func (d Bench) tooMany(ctx context.Context, accepted bench.Units) (Refused, error) {
	conn, err := d.Secret.dial(ctx, "excessive", "excessive", permission.Rules{})
	if err != nil {
		return Refused{}, err
	}
	sender := member.NewSender(ctx, conn, "excessive", nil)
	defer sender.Close()
	before := d.Secret.usedBy(Sender)
	var r Refused
	var sent float64
	for r.Frames < min(d.Messages, mostRefused) {
		switch refused, err := send(ctx, sender, protocol.CodeRateLimited); {
		case err != nil:
			return r, err
		case refused:
			r.Frames++
		default:
			sent++
		}
	}
	u := d.Secret.usedBy(Sender).since(before)
	u.write -= sent * accepted.Write
	u.read -= sent * accepted.Read
	r.Units = units(u, r.Frames)
	return r, nil
}

// forbidden sends to a room that the user is in and may not send to.
func (d Bench) forbidden(ctx context.Context) (Refused, error) {
	r := Refused{Frames: min(d.Messages, mostRefused)}
	conn, err := d.Secret.dial(ctx, "reader", "news", permission.Rules{Send: permission.Patterns{"news"}})
	if err != nil {
		return r, err
	}
	sender := member.NewSender(ctx, conn, "news", nil)
	defer sender.Close()
	before := d.Secret.usedBy(Sender)
	for range r.Frames {
		switch refused, err := send(ctx, sender, protocol.CodeForbidden); {
		case err != nil:
			return r, err
		case !refused:
			return r, errors.New("bench auth: the stack took a message that it has to refuse")
		}
	}
	r.Units = units(d.Secret.usedBy(Sender).since(before), r.Frames)
	return r, nil
}

// send sends a message, and reports whether it was refused with a code.
func send(ctx context.Context, s *member.Sender, code protocol.Code) (refused bool, err error) {
	_, _, err = s.Send(ctx, "a message")
	var r *member.RefusedError
	if errors.As(err, &r) && r.Code == string(code) {
		return true, nil
	}
	return false, err
}

func units(u used, n int) bench.Units {
	return bench.Units{Write: round(u.write / float64(n)), Read: round(u.read / float64(n))}
}
