package architecture

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the two tools print, as far as .ci/audit looks at it.
const (
	goClean   = "echo 'No vulnerabilities found.'"
	goFound   = "echo 'Vulnerability #1: GO-2026-0001'; exit 3"
	goNoData  = "echo 'govulncheck: fetching vulnerabilities: no such host' >&2; exit 1"
	goBroken  = "echo 'govulncheck: loading packages: syntax error' >&2; exit 1"
	npmClean  = `echo '{"auditReportVersion": 2, "vulnerabilities": {}}'`
	npmFound  = `echo '{"auditReportVersion": 2, "vulnerabilities": {"left": {}}}'; exit 1`
	npmNoData = `echo '{"message": "405 Method Not Allowed", "error": {}}'; exit 1`
)

// TestAudit runs .ci/audit with tools that say what they would say: findings
// fail, and what was not checked is said to be so.
func TestAudit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, goTool, npm, required string
		fails                       bool
		says, not                   string
	}{
		{"all is well", goClean, npmClean, "1", false, "checked: Go modules", "NOT CHECKED"},
		{"a vulnerable module", goFound, npmClean, "", true, "GO-2026-0001", "NOT CHECKED"},
		{"a vulnerable package", goClean, npmFound, "", true, `"left"`, "NOT CHECKED"},
		{"no data", goNoData, npmNoData, "", false, "NOT CHECKED for known vulnerabilities", "checked: "},
		{"no data where they are needed", goNoData, npmClean, "1", true, "govulncheck cannot reach its database", "checked: Go"},
		{"no data for npm", goClean, npmNoData, "1", true, "does not answer npm audit", "checked: package-lock.json"},
		{"a vulnerable package, no data for Go", goNoData, npmFound, "", true, "NOT CHECKED", "checked: Go"},
		{"code that does not compile", goBroken, npmClean, "", true, "syntax error", "NOT CHECKED"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tools := t.TempDir()
			for name, script := range map[string]string{"go": test.goTool, "npm": test.npm} {
				if err := os.WriteFile(filepath.Join(tools, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command("bash", filepath.Join("..", "..", ".ci", "audit"))
			cmd.Env = append(os.Environ(), "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"), "REQUIRE_AUDIT="+test.required)
			out, err := cmd.CombinedOutput()
			if (err != nil) != test.fails {
				t.Errorf("ended with %v, want a failure: %v", err, test.fails)
			}
			if !strings.Contains(string(out), test.says) || strings.Contains(string(out), test.not) {
				t.Errorf("said\n%s\nwant %q in it and %q not", out, test.says, test.not)
			}
		})
	}
}
