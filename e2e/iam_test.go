package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local"
)

// TestEveryPolicyStatementIsNeeded takes each statement of each role in turn.
// Something that clients see breaks every time.
func TestEveryPolicyStatementIsNeeded(t *testing.T) {
	t.Parallel()
	template := readTemplate(t, guarded)
	mutants := template.withoutStatements()
	if len(mutants) < 10 {
		t.Fatalf("only %d statements were found in %s", len(mutants), template.name)
	}
	if unnoticed := tryAll(t, "statements", template, mutants); len(unnoticed) > 0 {
		t.Errorf("nothing notices that these are missing: %q", unnoticed)
	}
}

// TestEveryActionAndResourceIsNeeded does the same for each action and each resource
// of each statement.
func TestEveryActionAndResourceIsNeeded(t *testing.T) {
	t.Parallel()
	template := readTemplate(t, guarded)
	if unnoticed := tryAll(t, "actions and resources", template, template.withoutElements()); len(unnoticed) > 0 {
		t.Errorf("nothing notices that these are missing: %q", unnoticed)
	}
}

// slots bound how many stacks run at the same time. One that lacks a permission
// mostly waits for what never comes.
var slots = make(chan struct{}, 6)

// tryAll runs every mutant and returns the names of those that no probe noticed.
// Controls, stacks from which nothing was taken, show that a probe fails only because
// something is missing.
func tryAll(t *testing.T, what string, template *stackTemplate, mutants []mutant) (unnoticed []string) {
	t.Helper()
	tried := append(append([]mutant{control}, mutants...), control)
	outcomes := make([]outcome, len(tried))
	begin := time.Now()
	var all sync.WaitGroup
	for i, m := range tried {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			outcomes[i] = try(t, template, m)
		})
	}
	all.Wait()
	for i, m := range tried {
		switch o := outcomes[i]; {
		case m.name == control.name && o.failure != nil:
			t.Errorf("the whole stack does not work: %v", o.failure)
		case m.name == control.name:
		case o.failure == nil:
			unnoticed = append(unnoticed, m.name)
		case o.refusal == "":
			t.Errorf("without %s something fails, and no call was refused: %v", m.name, o.failure)
		default:
			t.Logf("%s: %v (%s)", m.name, o.failure, o.refusal)
		}
	}
	t.Logf("%s tried %d, noticed %d, in %.0f s", what, len(mutants), len(mutants)-len(unnoticed), time.Since(begin).Seconds())
	return unnoticed
}

// outcome is the result of a mutant.
type outcome struct {
	failure error  // what does not work, nil if everything does
	refusal string // the first refusal in the logs, "" for no refusal
}

// try runs the mutant's stack and probes it: first what the changed function does,
// and then everything. A failure without a refusal is not due to the mutation: the
// machine was too busy, and try runs the stack again.
func try(t *testing.T, template *stackTemplate, m mutant) (o outcome) {
	options := local.Options{Assembly: template.write(t, m)}
	if most := probesOf(m.function); len(most) > 0 {
		o = run(t.Context(), options, func(p *probing, ctx context.Context) error { return p.works(ctx, most) })
		if o.failure != nil && o.refusal != "" {
			return o
		}
	}
	for range 3 {
		if o = run(t.Context(), options, (*probing).everything); o.failure == nil || o.refusal != "" {
			break
		}
	}
	return o
}

// run starts and probes a stack. AWS would not deploy a stack that does not start
// because a permission is missing.
func run(ctx context.Context, options local.Options, probe func(*probing, context.Context) error) outcome {
	var log refusals
	err := probed(ctx, options, &log, probe)
	return outcome{err, log.first()}
}

// probed starts a stack, runs probe on it, and stops it.
func probed(ctx context.Context, options local.Options, log *refusals, probe func(*probing, context.Context) error) error {
	options.Logs = log.add
	cloud, err := local.Start(ctx, options)
	if err != nil {
		log.add("", err.Error())
		return fmt.Errorf("it does not start: %w", err)
	}
	defer cloud.Close()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	p, err := newProbing(cloud)
	if err != nil {
		return err
	}
	return probe(p, ctx)
}

// refusals keeps the refusals in the log.
type refusals struct {
	mu    sync.Mutex
	lines []string
}

func (r *refusals) add(_, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sign := range []string{"not authorized to perform", "does not have permissions to call", "lacks the permission to call function", "lacks the permission to write to its log group"} {
		if strings.Contains(line, sign) {
			r.lines = append(r.lines, line)
		}
	}
}

// first returns the first refusal, "" for no refusal.
func (r *refusals) first() string {
	if all := r.all(); len(all) > 0 {
		return all[0]
	}
	return ""
}

// all returns every refusal once, sorted.
func (r *refusals) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(r.lines)))
}

// write makes an assembly with the mutant's template, and returns its folder.
func (s *stackTemplate) write(t *testing.T, m mutant) string {
	dir := t.TempDir()
	files, err := os.ReadDir(s.assembly)
	if err != nil {
		t.Error(err)
	}
	for _, f := range files {
		if f.Name() == s.name {
			continue
		}
		if err := os.Symlink(filepath.Join(s.assembly, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			t.Error(err)
		}
	}
	changed := &stackTemplate{name: s.name}
	if err := json.Unmarshal(s.marshal(t), &changed.body); err != nil { // a copy
		t.Error(err)
	}
	m.drop(changed)
	write(t, filepath.Join(dir, s.name), string(changed.marshal(t)))
	return dir
}

func (s *stackTemplate) marshal(t *testing.T) []byte {
	data, err := json.Marshal(s.body)
	if err != nil {
		t.Error(err)
	}
	return data
}
