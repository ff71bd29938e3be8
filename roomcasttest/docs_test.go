package roomcasttest

import (
	"os"
	"strings"
	"testing"
)

// The manual shows code that runs: its test and its fault are those of the
// importing example, to the letter.
func TestTheManualShowsTheExample(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../examples/importing/shout_test.go")
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("../docs/guide/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	// A part of a function stands in the manual without its indentation.
	code := string(example) + strings.ReplaceAll(string(example), "\n\t", "\n")
	shown := 0
	for _, block := range strings.Split(string(manual), "```go\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(block, "shout") {
			continue
		}
		shown++
		if !strings.Contains(code, block) {
			t.Errorf("the example has no such code:\n%s", block)
		}
	}
	if shown != 2 {
		t.Errorf("%d blocks of the manual are about the example, want 2", shown)
	}
}
