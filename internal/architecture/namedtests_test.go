package architecture

import (
	"path"
	"strings"
	"testing"
)

// TestDocsNameTestsThatExist finds tests that a page names and that are gone. It
// says nothing about what they test: the attacks of docs/reference/attacks.md
// are compared with what ran in e2e.
func TestDocsNameTestsThatExist(t *testing.T) {
	t.Parallel()
	tests := testFunctions(t)
	named := 0
	for _, name := range repositoryFiles(t) {
		if !strings.HasPrefix(name, "docs/") || path.Ext(name) != ".md" {
			continue
		}
		for _, found := range testName.FindAllStringSubmatch(readFile(t, name), -1) {
			named++
			if !tests[found[1]] {
				t.Errorf("%s names the test %s, which does not exist", name, found[1])
			}
		}
	}
	if named < 100 {
		t.Errorf("the docs name %d tests, want at least 100: the pattern may be out of date", named)
	}
}
