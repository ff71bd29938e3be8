package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local"
)

// TestEveryPermissionToLogIsNeeded takes every function's permission to write to its
// log group. Nothing else changes, and no function has a line. One stack shows that
// for all of them, because each has its own role.
func TestEveryPermissionToLogIsNeeded(t *testing.T) {
	t.Parallel()
	template := readTemplate(t, guarded)
	for range 3 {
		err := runSilent(t, template)
		if err == nil {
			return
		}
		t.Log(err)
	}
	t.Error("three stacks without a permission to log did not work, or had lines all the same")
}

func runSilent(t *testing.T, template *stackTemplate) error {
	slots <- struct{}{}
	defer func() { <-slots }()
	var roles int
	dir := template.write(t, mutant{name: "the permissions to log", drop: func(s *stackTemplate) { roles = s.dropLogs() }})
	var log refusals
	return probed(t.Context(), local.Options{Assembly: dir}, &log, func(p *probing, ctx context.Context) error {
		if n := len(p.cloud.Functions()); roles != n {
			return fmt.Errorf("%d of %d functions have a role that may write to logs", roles, n)
		}
		if err := p.works(ctx, probes); err != nil {
			return err
		}
		if err := p.queued(ctx); err != nil {
			return err
		}
		for _, f := range p.cloud.Usage().Logs.Functions {
			if f.Bytes > 0 {
				return fmt.Errorf("%s has %d bytes of lines", f.Function, f.Bytes)
			}
		}
		if refused := log.all(); len(refused) != roles {
			return fmt.Errorf("%d functions may not log, and the refusals are %q", roles, refused)
		}
		return nil
	})
}

// dropLogs takes the permissions to log from all policies, and returns how many
// had one.
func (s *stackTemplate) dropLogs() (policies int) {
	for _, id := range s.policies() {
		all := s.statements(id)
		left := slices.DeleteFunc(slices.Clone(all), aboutLogs)
		if len(left) == len(all) {
			continue
		}
		policies++
		s.document(id)["Statement"] = left
	}
	return policies
}

// aboutLogs says whether a statement is a permission to log.
func aboutLogs(statement any) bool {
	return strings.Contains(fmt.Sprint(statement.(object)["Action"]), "logs:")
}
