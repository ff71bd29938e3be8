package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// guardPackage holds AWS's cfn-guard with the rules of Control Tower.
const guardPackage = "node_modules/@cdklabs/cdk-validator-cfnguard"

// TestGuard checks the template against the Control Tower rules that apply to
// it. testdata/guard.txt has the exemptions and their reasons.
func TestGuard(t *testing.T) {
	guard := guardProgram(t)
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			left := leftOut(t)
			text := synthesize(t, context(t, mode.context))
			result := runGuard(t, guard, text)
			if len(result.Compliant) == 0 {
				t.Fatal("no rule was kept: nothing was judged")
			}
			for _, failed := range result.NotCompliant {
				name, resources := failed.Rule.Name, failed.resources()
				exempt, ok := left[name]
				if !ok {
					t.Errorf("%v break the rule %s:%s", resources, name, failed.Rule.message())
					continue
				}
				for _, id := range resources {
					if !exempt.MatchString(id) {
						t.Errorf("%s breaks the rule %s, which is left out for others only", id, name)
					}
				}
				delete(left, name)
			}
			for name := range left {
				t.Errorf("every resource keeps the rule %s: take it from testdata/guard.txt", name)
			}
		})
	}
}

// TestGuardFails checks a template that breaks a rule.
func TestGuardFails(t *testing.T) {
	guard := guardProgram(t)
	result := runGuard(t, guard, `{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": false}}}}`)
	var broken []string
	for _, failed := range result.NotCompliant {
		broken = append(broken, failed.Rule.Name)
	}
	slices.Sort(broken)
	if want := []string{"sqs_dlq_check", "sqs_queue_encrypted_check"}; !slices.Equal(broken, want) {
		t.Errorf("a bare queue breaks %v, want %v", broken, want)
	}
}

// guardProgram returns the path of cfn-guard. Without it the test is skipped,
// but fails if REQUIRE_GUARD is set, as make does.
func guardProgram(t *testing.T) string {
	t.Helper()
	system := map[string]string{"linux": "ubuntu", "darwin": "macos"}[runtime.GOOS]
	processor := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	path, err := filepath.Abs(filepath.Join(guardPackage, "bin", system, processor, "cfn-guard"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("REQUIRE_GUARD") != "" {
			t.Fatalf("cfn-guard is missing: run npm ci in this folder (%v)", err)
		}
		t.Skip("not tested: cfn-guard is missing: run npm ci in this folder")
	}
	return path
}

// guardResult has the fields of cfn-guard's output that the test reads.
type guardResult struct {
	Compliant    []string      `json:"compliant"`
	NotCompliant []guardFailed `json:"not_compliant"`
}

type guardFailed struct{ Rule guardRule }

type guardRule struct {
	Name   string `json:"name"`
	Checks json.RawMessage
}

var (
	guardResource = regexp.MustCompile(`/Resources/([A-Za-z0-9]+)`)
	guardMessage  = regexp.MustCompile(`\[CT\.[^"]*`)
)

// resources returns the logical ids that the failure names.
func (f guardFailed) resources() []string {
	ids := map[string]bool{}
	for _, match := range guardResource.FindAllSubmatch(f.Rule.Checks, -1) {
		ids[string(match[1])] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

// message returns what the rule requires.
func (r guardRule) message() string {
	return strings.ReplaceAll(string(guardMessage.Find(r.Checks)), `\n`, "\n")
}

// runGuard checks a template against the rules for the types in it.
func runGuard(t *testing.T, guard, text string) guardResult {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"validate", "--data", path, "--structured", "-o", "json", "--show-summary", "none"}
	for _, rule := range guardRules(t, parse(t, text)) {
		args = append(args, "--rules", rule)
	}
	out, err := exec.Command(guard, args...).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run cfn-guard: %v", err)
	}
	var results []guardResult
	if err := json.Unmarshal(out, &results); err != nil || len(results) != 1 {
		t.Fatalf("cfn-guard said %.300s: %v", out, errors.Join(err, exitOutput(exit)))
	}
	return results[0]
}

// exitOutput returns the output of a failed program.
func exitOutput(exit *exec.ExitError) error {
	if exit == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", exit, exit.Stderr)
}

// guardRules lists the files of rules that name a type of this template.
func guardRules(t *testing.T, of template) []string {
	t.Helper()
	types := map[string]bool{}
	for _, r := range of.Resources {
		types[`"`+r.Type+`"`] = true
	}
	files, err := filepath.Glob(filepath.Join(guardPackage, "rules/control-tower/cfn-guard/*/*.guard"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(file string) bool {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name := range types {
			if strings.Contains(string(content), name) {
				return false
			}
		}
		return true
	})
}

// leftOut reads testdata/guard.txt: each line has a rule, the resources that
// may break it, and the reason.
func leftOut(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	file, err := os.Open("testdata/guard.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	left := map[string]*regexp.Regexp{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 6 {
			t.Fatalf("testdata/guard.txt has %q, want a rule, its resources and why", line)
		}
		left[fields[0]] = regexp.MustCompile("^(" + fields[1] + ")$")
	}
	return left
}
