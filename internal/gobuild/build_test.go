package gobuild

import (
	"crypto/sha256"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const hello = `package main

import "fmt"

func main() { fmt.Println("hello") }
`

// program writes a module with one main package and returns its folder.
func program(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/hello\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), source)
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mkdirAll(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func sum(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(content)
}

func TestBuildGivesTheSameBytesFromAnyFolder(t *testing.T) {
	t.Parallel()
	var sums [][sha256.Size]byte
	var outs []string
	for range 2 {
		out, err := Program(program(t, hello), Lambda("arm64"))
		if err != nil {
			t.Fatal(err)
		}
		outs = append(outs, out)
		sums = append(sums, sum(t, filepath.Join(out, "bootstrap")))
	}
	if outs[0] == outs[1] {
		t.Fatalf("two programs share the folder %s", outs[0])
	}
	if sums[0] != sums[1] {
		t.Errorf("the same source gave two different programs: %x and %x", sums[0], sums[1])
	}
}

func TestBuildIsForTheTarget(t *testing.T) {
	t.Parallel()
	dir := program(t, hello)
	for arch, machine := range map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64} {
		out, err := Program(dir, Lambda(arch))
		if err != nil {
			t.Fatal(err)
		}
		file, err := elf.Open(filepath.Join(out, "bootstrap"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if file.Machine != machine {
			t.Errorf("built for %s: the program is for %s", arch, file.Machine)
		}
		if section := file.Section(".debug_info"); section != nil {
			t.Errorf("built for %s: the program carries debug information", arch)
		}
	}

	out, err := Program(dir, Host())
	if err != nil {
		t.Fatal(err)
	}
	printed, err := exec.Command(filepath.Join(out, "bootstrap")).Output()
	if err != nil || string(printed) != "hello\n" {
		t.Errorf("the program for the host printed %q, %v", printed, err)
	}
}

func TestBuildLeavesOnlyTheBootstrap(t *testing.T) {
	t.Parallel()
	out, err := Program(program(t, hello), Host())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "bootstrap" {
		t.Errorf("the folder holds %v, want bootstrap alone", entries)
	}
	info, err := os.Stat(filepath.Join(out, "bootstrap"))
	if err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("the bootstrap cannot be executed: %v, %v", info.Mode(), err)
	}
}

func TestBuildIsDoneOnceInAProcess(t *testing.T) {
	t.Parallel()
	dir := program(t, hello)
	first, err := Program(dir, Host())
	if err != nil {
		t.Fatal(err)
	}
	// A second build of this would fail.
	write(t, filepath.Join(dir, "main.go"), "no Go at all")
	second, err := Program(dir, Host())
	if err != nil || second != first {
		t.Errorf("the second build gave %q, %v; want %q again", second, err, first)
	}
}

func TestBuildWorksInAReadOnlyFolder(t *testing.T) {
	t.Parallel()
	dir := program(t, hello)
	for path, mode := range map[string]os.FileMode{"go.mod": 0o444, "main.go": 0o444, ".": 0o555} {
		if err := os.Chmod(filepath.Join(dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
	if _, err := Build(Source{Dir: dir, Package: ".", Env: ownModule}, Host()); err != nil {
		t.Error(err)
	}
}

func TestBuildFailures(t *testing.T) {
	t.Parallel()
	many := program(t, hello)
	for _, name := range []string{"a", "b"} {
		mkdirAll(t, filepath.Join(many, name))
		write(t, filepath.Join(many, name, "main.go"), hello)
	}

	tests := []struct {
		name   string
		source Source
		want   []string
	}{
		{"a program that does not compile", Source{Dir: program(t, "package main\n\nfunc main() { undefinedName() }\n"), Package: "."}, []string{"build . for", "undefined: undefinedName"}},
		{"no main package", Source{Dir: program(t, "package hello\n"), Package: "."}, []string{"no main packages"}},
		{"more than one program", Source{Dir: many, Package: "./..."}, []string{"name one main package"}},
		{"no such folder", Source{Dir: filepath.Join(many, "absent"), Package: "."}, []string{"absent"}},
		{"no such package", Source{Dir: many, Package: "./absent"}, []string{"absent"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, err := Build(test.source, Host())
			if err == nil {
				t.Fatalf("got the folder %s, want an error", out)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
		})
	}
}

func TestSweepRemovesOnlyWhatIsAbandoned(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	old := time.Now().Add(-2 * abandoned)
	for _, name := range []string{"tmp-old", "tmp-new", "0123456789abcdef"} {
		path := filepath.Join(cache, name)
		mkdirAll(t, path)
		if name != "tmp-new" {
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	sweep(cache)
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if got := strings.Join(left, " "); got != "0123456789abcdef tmp-new" {
		t.Errorf("left %q", got)
	}
}
