package assembly

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Errors of Open. The wrapping error names the folder.
var (
	// ErrNoAssembly: the folder does not exist or has no manifest.
	ErrNoAssembly = errors.New("run cdk synth first, or point --assembly at the cdk.out folder")
	// ErrNoStack: the assembly is valid but has no stack.
	ErrNoStack = errors.New("add a stack to the CDK app and run cdk synth again")
)

// Assembly is a cloud assembly, read from a folder.
type Assembly struct {
	// Dir is the folder of the assembly, as passed to Open.
	Dir string
	// Stacks are the stacks in the order of the app. Those of a stage (a nested
	// assembly) are in the stage's place. There is at least one.
	Stacks []*Stack
}

// Open reads the assembly in the folder dir with its nested assemblies. The error
// wraps ErrNoAssembly or ErrNoStack, or says which file is invalid.
func Open(dir string) (*Assembly, error) {
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("missing folder %s: %w", dir, ErrNoAssembly)
	case err != nil:
		return nil, fmt.Errorf("open the cloud assembly: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is not a folder: %w", dir, ErrNoAssembly)
	}
	a := &Assembly{Dir: dir}
	if err := a.read(dir); err != nil {
		return nil, err
	}
	if len(a.Stacks) == 0 {
		return nil, fmt.Errorf("the cloud assembly in %s has no stack: %w", dir, ErrNoStack)
	}
	return a, nil
}

// read appends the stacks of the assembly in dir, and of its nested assemblies.
func (a *Assembly) read(dir string) error {
	m, err := readManifest(dir)
	if err != nil {
		return err
	}
	for _, id := range m.order {
		artifact := m.artifacts[id]
		switch artifact.Type {
		case typeStack:
			stack, err := readStack(dir, id, m)
			if err != nil {
				return fmt.Errorf("stack %s: %w", id, err)
			}
			a.Stacks = append(a.Stacks, stack)
		case typeAssembly:
			nested, err := within(dir, artifact.Properties.DirectoryName)
			if err != nil {
				return fmt.Errorf("stage %s: %w", id, err)
			}
			if err := a.read(nested); err != nil {
				return fmt.Errorf("stage %s: %w", id, err)
			}
		}
	}
	return nil
}

// within joins a file name from a manifest to its folder. It refuses the folder
// itself: an assembly nested in itself would never end.
func within(dir, name string) (string, error) {
	if name == "" || filepath.Clean(name) == "." || !filepath.IsLocal(name) {
		return "", fmt.Errorf("invalid file name %q in the manifest: expected a file inside the cloud assembly; run cdk synth again", name)
	}
	return filepath.Join(dir, name), nil
}
