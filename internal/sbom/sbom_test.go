package sbom_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/gobuild"
	"github.com/roomcast/roomcast/internal/sbom"
)

// handlers builds the program of Roomcast's functions.
func handlers(t *testing.T) string {
	t.Helper()
	dir, err := gobuild.Handlers(gobuild.Lambda("arm64"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "bootstrap")
}

// TestOfProgram compares the bill with the output of go version -m.
func TestOfProgram(t *testing.T) {
	t.Parallel()
	program := handlers(t)
	bill, err := sbom.OfProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Fields(line)
		switch {
		case i == 0: // the path, a colon, and the version of Go
			want = append(want, "std@"+strings.TrimPrefix(fields[len(fields)-1], "go"))
		case fields[0] == "dep":
			want = append(want, fields[1]+"@"+fields[2]+" "+fields[3])
		}
	}
	for _, c := range bill.Components {
		text := c.Name + "@" + c.Version
		for _, p := range c.Properties {
			text += " " + p.Value
		}
		if c.PURL != "pkg:golang/"+c.Name+"@"+c.Version || c.Type != "library" {
			t.Errorf("a component is %+v", c)
		}
		got = append(got, text)
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 10 || !slices.Equal(got, want) {
		t.Errorf("the bill lists\n  %s\nthe program has\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestOfProgramNamesTheFile(t *testing.T) {
	t.Parallel()
	program := handlers(t)
	bill, err := sbom.OfProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	subject := bill.Metadata.Component
	if subject.Name != "github.com/roomcast/roomcast/lambdas" || len(subject.Hashes) != 1 || subject.Hashes[0].Content != hex.EncodeToString(sum[:]) {
		t.Errorf("the bill is about %+v", subject)
	}
	text, err := json.Marshal(bill)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,`) {
		t.Errorf("the document begins %.80s", text)
	}
}

func TestOfProgramFailures(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, filepath.Join(t.TempDir(), "absent")} {
		if _, err := sbom.OfProgram(path); err == nil || !strings.Contains(err.Error(), "read the build information of the program") {
			t.Errorf("of %s: %v", path, err)
		}
	}
}
