package npm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
)

// hash names the project's content: every path and byte, and what is run.
func (p Project) hash() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q\n", p.Dir, p.Script, p.Keep)
	for _, dir := range slices.Sorted(maps.Keys(p.Sources)) {
		files := p.Sources[dir]
		err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			fmt.Fprintln(h, path.Join(dir, name), len(data))
			h.Write(data)
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("read the sources of %s: %w", p.Label, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
