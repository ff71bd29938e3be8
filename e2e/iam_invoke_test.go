package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/local"
)

// TestEveryPermissionToInvokeIsNeeded takes the permissions of API Gateway and
// EventBridge to invoke functions: those that let a client in one at a time, because
// without one of them no other is used, and then all others together.
func TestEveryPermissionToInvokeIsNeeded(t *testing.T) {
	t.Parallel()
	template := readTemplate(t, guarded)
	if unnoticed := tryAll(t, "permissions to let in", template, template.withoutEntrance()); len(unnoticed) > 0 {
		t.Errorf("nothing notices that these are missing: %q", unnoticed)
	}
	for range 3 {
		uses, refused, err := runUncalled(t, template)
		if err == nil && len(refused) == uses {
			return
		}
		t.Logf("%d uses need a permission that is missing, refused are %d: %q (%v)", uses, len(refused), refused, err)
	}
	t.Error("nothing notices that one of them is missing")
}

// runUncalled runs a stack without any permission to invoke but for those that
// let in, and uses every route and every schedule that needs one of the others. It
// returns how many these are, and the refusals, one for each.
func runUncalled(t *testing.T, template *stackTemplate) (uses int, refused []string, err error) {
	slots <- struct{}{}
	defer func() { <-slots }()
	actions := template.actions()
	uses = len(actions) + len(template.of("AWS::Events::Rule"))
	dir := template.write(t, mutant{name: "the permissions to invoke", drop: func(s *stackTemplate) {
		if dropped := s.dropPermissions(); dropped < 5 {
			t.Errorf("only %d permissions to invoke were found", dropped)
		}
	}})
	var log refusals
	err = probed(t.Context(), local.Options{Assembly: dir}, &log, func(p *probing, ctx context.Context) error {
		if err := p.useAll(ctx, actions); err != nil {
			return err
		}
		return poll(ctx, func() (bool, error) { return len(log.all()) == uses, nil })
	})
	return uses, log.all(), err
}

// useAll uses every action and every schedule, whatever they answer.
func (p *probing) useAll(ctx context.Context, actions []string) error {
	ada, err := p.dial(ctx, "caller", "calls")
	if err != nil {
		return err
	}
	for _, action := range actions {
		if err := ada.send(ctx, object{"action": action}); err != nil {
			return err
		}
		if _, _, err := ada.conn.Read(ctx); err != nil {
			return fmt.Errorf("%s is not answered: %w", action, err)
		}
	}
	for _, rule := range p.cloud.Schedules() {
		if err := p.cloud.FireSchedule(ctx, rule.ARN); err != nil {
			return err
		}
	}
	return ada.conn.Close(websocket.StatusNormalClosure, "")
}

// actions are those that choose a route, and one that none has.
func (s *stackTemplate) actions() []string {
	actions := []string{"nonsense"}
	for _, id := range s.of("AWS::ApiGatewayV2::Route") {
		key := s.resources()[id].(object)["Properties"].(object)["RouteKey"].(string)
		if !strings.HasPrefix(key, "$") {
			actions = append(actions, key)
		}
	}
	return actions
}

// withoutEntrance returns a mutant for each of the permissions that let in.
func (s *stackTemplate) withoutEntrance() []mutant {
	var all []mutant
	for _, id := range s.of("AWS::Lambda::Permission") {
		if s.letsIn(id) {
			all = append(all, mutant{name: id, drop: func(s *stackTemplate) { delete(s.resources(), id) }})
		}
	}
	return all
}

// dropPermissions takes all permissions to invoke but those that let in, and
// returns how many there were.
func (s *stackTemplate) dropPermissions() int {
	dropped := slices.DeleteFunc(s.of("AWS::Lambda::Permission"), s.letsIn)
	for _, id := range dropped {
		delete(s.resources(), id)
	}
	return len(dropped)
}

// letsIn says whether a permission is for the authorizer, or for the function that
// begins connections.
func (s *stackTemplate) letsIn(permission string) bool {
	p := s.resources()[permission].(object)["Properties"].(object)
	return strings.Contains(fmt.Sprint(p["SourceArn"]), "/authorizers/") || strings.Contains(fmt.Sprint(p["FunctionName"]), "ChatSession")
}
