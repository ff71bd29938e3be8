package gobuild

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestModuleDirFindsThisModule(t *testing.T) {
	t.Parallel()
	got, err := moduleDir(".", module)
	if err != nil {
		t.Fatal(err)
	}
	want, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A project that vendors its modules still finds the source in the module
// cache, or where a replace directive leads.
func TestModuleDirOfAVendoredModule(t *testing.T) {
	t.Parallel()
	source := t.TempDir()
	write(t, filepath.Join(source, "go.mod"), "module "+module+"\n\ngo 1.26\n")
	importer := program(t, hello)
	write(t, filepath.Join(importer, "go.mod"), "module example.com/hello\n\ngo 1.26\n\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+source+"\n")
	mkdirAll(t, filepath.Join(importer, "vendor"))
	write(t, filepath.Join(importer, "vendor", "modules.txt"),
		"# "+module+" v0.0.0 => "+source+"\n## explicit; go 1.26\n# "+module+" => "+source+"\n")
	got, err := moduleDir(importer, module)
	if err != nil || got != source {
		t.Errorf("got %q, %v, want %q", got, err, source)
	}
}

func TestModuleDirFailures(t *testing.T) {
	t.Parallel()
	vendored := program(t, hello)
	write(t, filepath.Join(vendored, "go.mod"), "module example.com/hello\n\ngo 1.26\n\nrequire "+module+" v0.0.0\n")
	mkdirAll(t, filepath.Join(vendored, "vendor"))
	write(t, filepath.Join(vendored, "vendor", "modules.txt"), "# "+module+" v0.0.0\n## explicit\n")

	tests := []struct {
		name, dir string
		want      string
	}{
		{"outside of any module", t.TempDir(), "inside a Go module that requires it"},
		{"a module that does not require it", program(t, hello), "inside a Go module that requires it"},
		{"a vendored module", vendored, "as Code"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, err := moduleDir(test.dir, module)
			if err == nil {
				t.Fatalf("got %q, want an error", dir)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error does not say %q: %v", test.want, err)
			}
		})
	}
}

// TestGoMissing changes the environment of the process and so runs alone.
func TestGoMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := moduleDir(".", module)
	if err == nil || !strings.Contains(err.Error(), "install Go, or pass Code") {
		t.Errorf("got %v, want an error that says to install Go", err)
	}
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	out, err := Handlers(Host())
	if err != nil {
		t.Fatal(err)
	}
	// Without a handler's name the program lists the handlers.
	said, err := exec.Command(filepath.Join(out, "bootstrap")).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "messages") {
		t.Errorf("the program said %s, %v; want the names of the handlers", said, err)
	}
}
