package architecture

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSecurityIsShownByTests holds docs/explanation/security.md to what it promises: every
// test that it names exists. That the attacks in its tables do is checked where
// they are tried, in e2e/door.
func TestSecurityIsShownByTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "explanation", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testFunctions(t)
	named := testName.FindAllStringSubmatch(string(text), -1)
	if len(named) < 20 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !tests[name[1]] {
			t.Errorf("there is no test %s", name[1])
		}
	}
}
