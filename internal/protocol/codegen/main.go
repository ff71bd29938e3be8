// Command codegen writes what every part of Roomcast knows of the wire format
// from one source: the error codes of codes.json, and the actions and frame
// types of package protocol. Run it by go generate ./internal/protocol.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "codegen:", err)
		os.Exit(1)
	}
}

// run writes the generated files of the module whose root is the argument.
func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("invalid arguments %q: expected the module's root folder", args)
	}
	root := args[0]
	files, err := generate(root)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(root, name), files[name], 0o666); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the content of every generated file by its path.
func generate(root string) (map[string][]byte, error) {
	data, err := os.ReadFile(filepath.Join(root, "internal/protocol/codes.json"))
	if err != nil {
		return nil, err
	}
	t, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("codes.json: %w", err)
	}
	files := map[string][]byte{"client/src/generated.ts": typeScript(t)}
	for name, source := range goFiles(t) {
		if files[name], err = format(source); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, section := range docs(t) {
		page, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		if files[name], err = replaceSection(page, section); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}
