package architecture

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the repository, seen from this package.
const root = "../.."

var (
	testName     = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	sourceLabel  = regexp.MustCompile(`\[([^\]]+)\](?:[^(]|$)`)
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
)

// TestFidelityIsHeldByTests holds docs/reference/fidelity.md to what it promises: every
// row of its tables ends with tests that exist, or says "not emulated"; and
// every source that it names by a label is defined.
func TestFidelityIsHeldByTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "reference", "fidelity.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testFunctions(t)
	rows := 0
	var previous string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		isRow := strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "|-") && strings.HasPrefix(previous, "|")
		previous = line
		if !isRow {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "|"), "|")
		last := strings.TrimSpace(cells[len(cells)-1])
		for _, source := range sourceLabel.FindAllStringSubmatch(cells[len(cells)-2], -1) {
			if !strings.Contains(string(text), "\n["+source[1]+"]: https://") {
				t.Errorf("the source [%s] has no address; it is named in: %s", source[1], line)
			}
		}
		named := testName.FindAllStringSubmatch(last, -1)
		if len(named) == 0 && !strings.HasPrefix(last, "not emulated") {
			t.Errorf("this row ends neither with a test nor with \"not emulated\": %s", line)
		}
		for _, name := range named {
			if !tests[name[1]] {
				t.Errorf("there is no test %s; it is named in: %s", name[1], line)
			}
		}
	}
	if rows == 0 {
		t.Error("docs/reference/fidelity.md has no rows")
	}
}

// testFunctions are the names of all tests and fuzz targets of the repository.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "cdk.out") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range testFunction.FindAllSubmatch(source, -1) {
			names[string(found[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
