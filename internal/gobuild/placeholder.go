package gobuild

import (
	"fmt"
	"os"
	"path/filepath"
)

// placeholder replaces a program that is not built.
const placeholder = "#!/bin/sh\necho 'this function was not built: synthesize the app without the context roomcast:target=none' >&2\nexit 1\n"

// Placeholder returns a folder with a bootstrap that only reports that it was not
// built. It is in the user's cache directory and has the same content everywhere.
func Placeholder() (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "placeholder")
	path := filepath.Join(dir, "bootstrap")
	if text, err := os.ReadFile(path); err == nil && string(text) == placeholder {
		return dir, nil
	}
	// It is written to a temporary file and then moved, so that no reader sees half
	// of it.
	temp, err := os.MkdirTemp(cache, tempPrefix)
	if err != nil {
		return "", fmt.Errorf("make a folder for a placeholder: %w", err)
	}
	defer os.RemoveAll(temp)
	made := filepath.Join(temp, "bootstrap")
	if err := os.WriteFile(made, []byte(placeholder), 0o755); err != nil {
		return "", fmt.Errorf("write a placeholder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the folder of the placeholder: %w", err)
	}
	if err := os.Rename(made, path); err != nil {
		return "", fmt.Errorf("move the placeholder into place: %w", err)
	}
	return dir, nil
}
