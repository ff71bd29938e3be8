package gobuild

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tempPrefix is the name prefix of the folders of running builds.
const tempPrefix = "tmp-"

// abandoned is the age after which a temporary folder belongs to no running build.
const abandoned = time.Hour

// cacheDir returns the folder for built programs, which it creates if needed.
func cacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache directory: %w", err)
	}
	dir := filepath.Join(user, "roomcast", "build")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache of built functions: %w", err)
	}
	return dir, nil
}

// sweep removes the temporary folders of killed builds. It ignores errors: a folder
// that stays only takes space.
func sweep(cache string) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), tempPrefix) && time.Since(info.ModTime()) > abandoned {
			os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}
