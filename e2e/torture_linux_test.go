package e2e_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The stack keeps its promise while everything goes wrong, for some seconds of
// a fixed seed. By hand, `roomcast torture` does it for longer.
func TestTorture(t *testing.T) {
	t.Parallel()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(path, "torture", "--assembly", assembly, "--seconds", "20", "--seed", "4", "--json")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("%v; standard error:\n%s", err, stderr.String())
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	var report struct {
		Seed, Seconds, Clients int
		Injected, Observed     map[string]int
		Quotas                 []struct {
			Name string
			Met  bool
		}
		Violations []struct{ Kind, What string }
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &report); err != nil {
		t.Fatalf("the last line is no JSON: %v: %s", err, lines[len(lines)-1])
	}
	if report.Seed != 4 || report.Seconds != 20 || report.Clients < 20 || report.Violations == nil {
		t.Errorf("the report is %+v", report)
	}
	for _, seen := range []string{"sends", "acked", "deliveries", "joins", "recoveries", "notifications", "copiesAcked", "posts", "batches", "splits"} {
		if report.Observed[seen] == 0 {
			t.Errorf("no %s were observed", seen)
		}
	}
	for _, kind := range []string{"kills", "droppedSockets", "throttles", "errors5xx", "lostDisconnects", "false410s", "lostAnswers", "stormed429s"} {
		if report.Injected[kind] == 0 {
			t.Errorf("no %s were injected", kind)
		}
	}
	var names []string
	for _, q := range report.Quotas {
		names = append(names, q.Name)
	}
	if !slices.Contains(names, "rolloversOfEachClient") || len(names) != 10 {
		t.Errorf("the quotas are %v", names)
	}
}
