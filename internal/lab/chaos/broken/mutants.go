package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/roomcast/roomcast/internal/lab/chaos"
)

// mutant is a deliberate mistake: a text of a file, and its replacement.
type mutant struct {
	name  string
	what  string
	kinds []chaos.Kind // of violations, one of which must report it
	// file is the path from the top of the repository.
	file    string
	old     string
	instead string
}

func mutantNames() []string {
	var names []string
	for _, m := range mutants {
		names = append(names, m.name)
	}
	return names
}

// copy copies the repository and makes the mistake in the copy.
func (m mutant) copy(root, to string) error {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case ".git", "node_modules", "dist", "cdk.out":
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		within, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, within)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		return err
	}
	broken, err := m.apply(filepath.Join(root, m.file))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, m.file), broken, 0o644)
}

// apply returns the file with the mistake. It is an error unless the file has the
// text to replace exactly once.
func (m mutant) apply(path string) ([]byte, error) {
	good, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(good, []byte(m.old)); n != 1 {
		return nil, fmt.Errorf("%s has the text to replace %d times, not once; adapt the mistake to the code: %q", m.file, n, m.old)
	}
	broken := bytes.Replace(good, []byte(m.old), []byte(m.instead), 1)
	if m.name == "stale-members" {
		broken = bytes.Replace(broken, []byte("import (\n"), []byte("import (\n	\"sync\"\n	\"time\"\n"), 1)
		broken = append(broken, staleMembers...)
	}
	return broken, nil
}
