package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestMutantsBuild builds the code with each mistake: one that no longer fits the
// code breaks nothing.
func TestMutantsBuild(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			broken, err := m.apply(filepath.Join(root, m.file))
			if err != nil {
				t.Fatal(err)
			}
			file, overlay := filepath.Join(t.TempDir(), "broken.go"), filepath.Join(t.TempDir(), "overlay.json")
			replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.file): file}})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.WriteFile(file, broken, 0o600), os.WriteFile(overlay, replaced, 0o600)); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("go", "vet", "-overlay", overlay, "./"+filepath.Dir(m.file))
			cmd.Dir = root
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

func TestDecodeViolations(t *testing.T) {
	t.Parallel()
	v, err := decodeViolations([]byte(`{"seed":1,"violations":[{"kind":"missing"},{"kind":"doubled"},{"kind":"missing"}]}`))
	if err != nil || v.String() != "3 violations: missing 2, doubled 1" {
		t.Errorf("got %v, %v", v, err)
	}
	for _, bad := range []string{``, `{}`, `{"violations":null}`, `[]`} {
		if _, err := decodeViolations([]byte(bad)); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}
