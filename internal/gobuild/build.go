package gobuild

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// slow is the build time after which progress is reported.
const slow = 3 * time.Second

// Source is a program to build.
type Source struct {
	// Dir is the folder in which the go command runs. It determines the program's
	// module, and may be read-only.
	Dir string
	// Package is the main package: an import path, or a path from Dir that
	// begins with "./".
	Package string
	// Env has variables that are added to this process's environment.
	Env []string
}

// built has the folder of every program that this process has built, because a
// stack requests the same program for each function. The lock is held during a
// build, so that no program is built twice.
var built = struct {
	sync.Mutex
	dirs map[string]string
}{dirs: map[string]string{}}

// Build compiles a program and returns the folder that holds it as bootstrap. The
// folder is in the user's cache directory. It is the same for every build of this
// source and target, and changes only after a successful build. A process builds a
// program once. If the program does not compile, the error has the compiler's
// output.
func Build(source Source, target Target) (string, error) {
	dir, err := filepath.Abs(source.Dir)
	if err != nil {
		return "", fmt.Errorf("find the folder to build in: %w", err)
	}
	source.Dir = dir
	key := source.key(target)

	built.Lock()
	defer built.Unlock()
	if out, ok := built.dirs[key]; ok {
		return out, nil
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	out := filepath.Join(cache, key)
	if err := source.buildTo(out, cache, target); err != nil {
		return "", fmt.Errorf("build %s for %s: %w", source.Package, target, err)
	}
	built.dirs[key] = out
	return out, nil
}

// buildTo compiles into a temporary folder of cache, then moves the program into
// out in one step, so that readers find the old or the new program.
func (s Source) buildTo(out, cache string, target Target) error {
	sweep(cache)
	temp, err := os.MkdirTemp(cache, tempPrefix)
	if err != nil {
		return fmt.Errorf("make a folder to build in: %w", err)
	}
	defer os.RemoveAll(temp)

	start := time.Now()
	// With a folder as -o, go refuses packages other than main.
	_, err = runGo(s.Dir, append(target.environment(), s.Env...), "build",
		"-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-tags=lambda.norpc",
		"-o", temp+string(filepath.Separator), s.Package)
	if err != nil {
		return err
	}
	if took := time.Since(start); took > slow {
		fmt.Fprintf(os.Stderr, "roomcast: built %s for %s in %.1fs\n", s.Package, target, took.Seconds())
	}

	program, err := onlyFile(temp)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make the folder of the program: %w", err)
	}
	if err := os.Rename(program, filepath.Join(out, "bootstrap")); err != nil {
		return fmt.Errorf("move the program into place: %w", err)
	}
	return nil
}

// key returns the name of the output folder: one for each program and target, which
// limits the size of the cache.
func (s Source) key(target Target) string {
	parts := append([]string{s.Dir, s.Package, target.String()}, s.Env...)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// onlyFile returns the path of the only file in dir.
func onlyFile(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("read the built program: %w", err)
	}
	if len(entries) != 1 {
		return "", fmt.Errorf("got %d programs, expected one: name one main package", len(entries))
	}
	return filepath.Join(dir, entries[0].Name()), nil
}
