// Package npm installs the Node.js projects that are embedded in Roomcast's
// binary into the user's cache, from their lockfiles, once for each content.
package npm

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// partPrefix begins the name of the folder of a running installation.
	partPrefix = "installing-"
	// staleAfter is the age at which such a folder is taken to be left by a killed
	// process, and is removed.
	staleAfter = time.Hour
)

// Project is a Node.js project and what has to run to make it usable.
type Project struct {
	// Name is the project's folder in the cache.
	Name string
	// Label is its name in progress messages and errors.
	Label string
	// Sources are the project's files by the folder they go to, "." for the
	// top. They include a package-lock.json in Dir.
	Sources map[string]fs.FS
	// Dir is the folder, of Sources, in which npm runs. Default: the top.
	Dir string
	// Script is the package.json script to run after the installation.
	// Default: none.
	Script string
	// Keep is the folder below the project that is kept. Default: all of the
	// project.
	Keep string
}

// installing lets one goroutine install at a time. Processes that install the
// same project at the same time work independently, and the first one wins.
var installing sync.Mutex

// Ensure returns the folder of the installed project. It installs the project
// first if the cache does not have this content. A partial installation is
// never visible and never stays. progress, if it is not nil, is called with a
// sentence about each slow step.
func (p Project) Ensure(ctx context.Context, progress func(format string, args ...any)) (string, error) {
	if progress == nil {
		progress = func(string, ...any) {}
	}
	key, err := p.hash()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to install %s to, set HOME or XDG_CACHE_HOME: %w", p.Label, err)
	}
	home := filepath.Join(cache, "roomcast", p.Name)
	done := filepath.Join(home, key)

	installing.Lock()
	defer installing.Unlock()
	if _, err := os.Stat(done); err == nil {
		return done, nil
	}
	if _, err := FindNode(ctx); err != nil {
		return "", err
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder of %s: %w", p.Label, err)
	}
	removeStale(home)
	progress("installing %s, once", p.Label)
	start := time.Now()
	if err := p.installTo(ctx, done); err != nil {
		return "", err
	}
	progress("installed %s in %.1f s", p.Label, time.Since(start).Seconds())
	return done, nil
}

// installTo installs into a folder next to done and renames it at the end, so
// that done exists only when it is complete.
func (p Project) installTo(ctx context.Context, done string) error {
	part, err := os.MkdirTemp(filepath.Dir(done), partPrefix)
	if err != nil {
		return fmt.Errorf("make a folder to install %s in: %w", p.Label, err)
	}
	defer os.RemoveAll(part)
	for dir, files := range p.Sources {
		if err := os.CopyFS(filepath.Join(part, filepath.FromSlash(dir)), files); err != nil {
			return fmt.Errorf("lay out %s: %w", p.Label, err)
		}
	}
	if err := p.run(ctx, filepath.Join(part, filepath.FromSlash(p.Dir))); err != nil {
		return fmt.Errorf("install %s: %w", p.Label, err)
	}
	if err := os.Rename(filepath.Join(part, filepath.FromSlash(p.Keep)), done); err != nil {
		if _, missing := os.Stat(done); missing != nil {
			return fmt.Errorf("keep %s in the cache: %w", p.Label, err)
		} // otherwise another process was faster
	}
	return nil
}

func removeStale(home string) {
	parts, _ := filepath.Glob(filepath.Join(home, partPrefix+"*"))
	for _, part := range parts {
		if info, err := os.Stat(part); err == nil && time.Since(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(part) // tried again at the next installation
		}
	}
}
