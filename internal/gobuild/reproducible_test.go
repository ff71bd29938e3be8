package gobuild

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHandlersAreReproducible builds Roomcast's own program from two copies of its
// source. Both must give the same bytes.
func TestHandlersAreReproducible(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), filepath.Join(t.TempDir(), "another", "folder")
	for _, dir := range []string{first, second} {
		copyHandlers(t, dir)
	}
	var sums []string
	for _, dir := range []string{first, second} {
		out, err := Build(Source{Dir: dir, Package: "./lambdas", Env: ownModule}, Lambda("arm64"))
		if err != nil {
			t.Fatal(err)
		}
		program := sum(t, filepath.Join(out, "bootstrap"))
		sums = append(sums, string(program[:]))
	}
	if sums[0] != sums[1] {
		t.Errorf("two folders gave two programs: %x and %x", sums[0], sums[1])
	}
	// A changed source must give other bytes, else the comparison shows nothing.
	const changed = "lambdas/changed.go"
	write(t, filepath.Join(second, changed), "package main\n\nfunc init() { println(\"changed\") }\n")
	third := filepath.Join(t.TempDir(), "third")
	if err := os.CopyFS(third, os.DirFS(second)); err != nil {
		t.Fatal(err)
	}
	out, err := Build(Source{Dir: third, Package: "./lambdas", Env: ownModule}, Lambda("arm64"))
	if err != nil {
		t.Fatal(err)
	}
	if program := sum(t, filepath.Join(out, "bootstrap")); string(program[:]) == sums[0] {
		t.Error("another source gave the same program")
	}
}

// copyHandlers copies the sources of the handlers into dir.
func copyHandlers(t *testing.T, dir string) {
	t.Helper()
	root, err := moduleDir(".", module)
	if err != nil {
		t.Fatal(err)
	}
	list, err := runGo(root, nil, "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.Dir}}{{end}}{{end}}", "./lambdas")
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"go.mod", "go.sum"}
	for folder := range strings.FieldsSeq(list) {
		relative, err := filepath.Rel(root, folder)
		if err != nil {
			t.Fatal(err)
		}
		found, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			files = append(files, filepath.Join(relative, filepath.Base(file)))
		}
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		mkdirAll(t, filepath.Dir(filepath.Join(dir, file)))
		write(t, filepath.Join(dir, file), string(content))
	}
}
