package web_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/web"
)

// The embedded sources are what a build needs, and nothing that a build makes.
func TestSource(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"package.json", "package-lock.json", "index.html", "vite.config.ts", "src/main.tsx"} {
		if _, err := fs.Stat(web.Source, name); err != nil {
			t.Errorf("%s is not embedded: %v", name, err)
		}
	}
	err := fs.WalkDir(web.Source, ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, "node_modules") || strings.HasPrefix(path, "dist") || strings.HasPrefix(path, "e2e") {
			t.Errorf("%s is embedded", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
