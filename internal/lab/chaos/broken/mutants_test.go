package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestMutantsBuild makes each mistake and looks whether the code builds: one
// that does not fit the code any more breaks nothing.
func TestMutantsBuild(t *testing.T) {
	t.Parallel()
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "broken")
			if err := m.copy("../../..", dir); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("go", "vet", "./"+filepath.Dir(m.file))
			cmd.Dir = dir
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
