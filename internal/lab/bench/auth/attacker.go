package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/lab/bench/member"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// attacker floods a room of its own over one connection.
type attacker struct {
	conn                              *websocket.Conn
	sent, accepted, refused, answered atomic.Int64
}

func newAttacker(ctx context.Context, s Stack) (*attacker, error) {
	conn, err := s.dial(ctx, "mallory", "flooded", permission.Rules{})
	if err != nil {
		return nil, err
	}
	a := &attacker{conn: conn}
	go func() { _ = member.Read(ctx, conn, a.hear) }()
	return a, nil
}

// hear counts an answer. Messages are not answers, but what came of them.
func (a *attacker) hear(f member.Frame) {
	if f.Type == "message" {
		return
	}
	switch {
	case f.Type == "ack":
		a.accepted.Add(1)
	case f.Code == string(protocol.CodeRateLimited):
		a.refused.Add(1)
	}
	a.answered.Add(1)
}

// step is how often the attacker looks how many frames are due.
const step = 2 * time.Millisecond

// flood sends frames at a rate until the context ends. It does not wait for
// answers, but has to where the stack takes no more of its socket's bytes.
func (a *attacker) flood(ctx context.Context, rate float64) error {
	frame, err := json.Marshal(map[string]string{"action": protocol.ActionSendMessage, "roomId": "flooded", "message": "spam"})
	if err != nil {
		return err
	}
	tick := time.NewTicker(step)
	defer tick.Stop()
	for began, sent := time.Now(), 0.0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		for due := rate * time.Since(began).Seconds(); sent < due && ctx.Err() == nil; sent++ {
			// A write that the context cuts off would end the connection.
			if err := a.conn.Write(context.WithoutCancel(ctx), websocket.MessageText, frame); err != nil {
				return fmt.Errorf("bench auth: the attacker sends: %w", err)
			}
			a.sent.Add(1)
		}
	}
}

// start floods until what it returns is called. That waits until the stack has
// answered everything: what is left would disturb the quiet that follows.
func (a *attacker) start(ctx context.Context, rate float64) (stop func() error) {
	flooding, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.flood(flooding, rate) }()
	return func() error {
		end()
		if err := <-ended; err != nil {
			return err
		}
		return until(ctx, "the attacker's frames are answered", func() bool { return a.answered.Load() >= a.sent.Load() })
	}
}

// forget counts from zero again. All frames have been answered.
func (a *attacker) forget() {
	for _, count := range []*atomic.Int64{&a.sent, &a.accepted, &a.refused, &a.answered} {
		count.Store(0)
	}
}

func (a *attacker) close() { _ = a.conn.CloseNow() } // of no interest any more
