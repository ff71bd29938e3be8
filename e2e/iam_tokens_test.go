package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/token"
)

// token signs a token that lasts for a while and permits these rooms.
func (p *probing) token(user string, lasts time.Duration, rooms ...string) (string, error) {
	return token.Mint(p.key, claims(user, lasts, rooms...))
}

// limits checks that a user's connection above the limit is refused, and that the
// slot that it took in the room is free again.
func (p *probing) limits(ctx context.Context) error {
	if _, err := p.dial(ctx, "limited", "limits"); err != nil {
		return err
	}
	_, err := p.dial(ctx, "limited", "limits")
	var refused *refusedError
	if !errors.As(err, &refused) || refused.status != http.StatusTooManyRequests {
		return fmt.Errorf("one connection too many: %w", err)
	}
	return p.until(ctx, "SLOT#ROOM#limits#0", 1)
}

// refreshing checks that a new token takes a connection out of a room that it does
// not permit, and frees its slot there.
func (p *probing) refreshing(ctx context.Context) error {
	ada, err := p.dial(ctx, "refresher", "refreshing")
	if err != nil {
		return err
	}
	narrow, err := p.token("refresher", time.Hour, "elsewhere")
	if err != nil {
		return err
	}
	refreshed, err := ada.ask(ctx, object{"action": "refresh", "token": narrow}, "refreshed")
	if err != nil {
		return err
	}
	if left, _ := refreshed["left"].([]any); len(left) != 1 || left[0] != "refreshing" {
		return fmt.Errorf("refreshed: %v", refreshed)
	}
	return errors.Join(p.until(ctx, "ROOM#refreshing#0", 0), p.until(ctx, "SLOT#ROOM#refreshing#0", 0))
}

// expiring checks that a connection whose token has expired is closed, and that one
// that is also gone is forgotten. For the first, $disconnect would do that too.
func (p *probing) expiring(ctx context.Context) error {
	const soon = 2 * time.Second // a sweep looks further ahead
	eve, err := p.dialFor(ctx, soon, "expiring", "expiring")
	if err != nil {
		return err
	}
	if err := p.ghost(ctx, ghost{user: "expired", room: "expiring", age: time.Minute, expired: true}); err != nil {
		return err
	}
	for _, rule := range p.cloud.Schedules() {
		if err := p.cloud.FireSchedule(ctx, rule.ARN); err != nil {
			return err
		}
	}
	if _, _, err := eve.conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		return fmt.Errorf("the connection is not closed: %w", err)
	}
	return errors.Join(p.until(ctx, "USER#expired", 0), p.until(ctx, ghostSlot("expired"), 0))
}
