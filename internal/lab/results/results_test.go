package results_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/lab/results"
)

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := results.New("bench chat", "roomcast-lab bench chat --rate 50", map[string]int{"users": 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Save(filepath.Join(dir, "chat.json")); err != nil {
		t.Fatal(err)
	}
	files, err := results.Load(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("got %+v, %v", files, err)
	}
	got := files[0]
	if got.Name != "chat" || got.Kind != f.Kind || got.Command != f.Command || got.Commit == "" || got.Machine == "" || got.Date == "" {
		t.Errorf("got %+v", got)
	}
	var result struct{ Users int }
	if err := got.Decode(&result); err != nil || result.Users != 3 {
		t.Errorf("got %+v, %v", result, err)
	}
}

// A figure has to say where it comes from.
func TestLoadRefusesFilesWithoutOrigin(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"kind":"bench chat","command":"x","date":"2026-11-28","commit":"","machine":"m","result":{}}`,
		`{"kind":"bench chat","command":"x","date":"2026-11-28","commit":"c","machine":"m"}`,
		`{"users":3}`, `[]`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "bad.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := results.Load(dir); err == nil || !strings.Contains(err.Error(), "bad.json") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
