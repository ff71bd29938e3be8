package architecture

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// A line of the table of resource types that the local cloud runs.
var runnableType = regexp.MustCompile(`"(AWS::[A-Za-z0-9]+::[A-Za-z0-9]+)"(?:: *|\] = )(?:runnable)?\{\(\*`)

// TestLocalResourcesAreListed holds docs/reference/local-resources.md to the
// resource types that the local cloud runs.
func TestLocalResourcesAreListed(t *testing.T) {
	t.Parallel()
	page := readFile(t, "docs/reference/local-resources.md")
	_, listed, _ := strings.Cut(page, "\n## Emulated\n")
	listed, _, _ = strings.Cut(listed, "\n## ")
	runs := 0
	for _, name := range repositoryFiles(t) {
		if !strings.HasPrefix(name, "internal/local/") || path.Ext(name) != ".go" {
			continue
		}
		for _, found := range runnableType.FindAllStringSubmatch(readFile(t, name), -1) {
			runs++
			if !strings.Contains(listed, "\n| `"+found[1]+"` |") {
				t.Errorf("docs/reference/local-resources.md does not list %s, which %s runs", found[1], name)
			}
		}
	}
	if rows := strings.Count(listed, "\n| `AWS::"); runs == 0 || rows != runs {
		t.Errorf("docs/reference/local-resources.md lists %d types, the local cloud runs %d", rows, runs)
	}
}
