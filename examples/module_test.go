package examples

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const modulePath = "github.com/roomcast/roomcast"

// release packs the module in root under a version that never was and returns
// the version and a GOPROXY that serves it. The proxy's second part is the
// download folder of the module cache, which holds the dependencies in the form
// a proxy serves; only what it lacks comes from where modules always come from.
//
// The release is unpacked into the module cache that everything else uses. In a
// new one the CDK would be in another folder and be compiled again, for
// minutes. The test removes what it adds.
func release(t *testing.T, root string) (version, proxy string) {
	t.Helper()
	var unique [6]byte
	if _, err := rand.Read(unique[:]); err != nil {
		t.Fatal(err)
	}
	version = "v0.0.0-20260101000000-" + hex.EncodeToString(unique[:])
	dir := t.TempDir()
	versions := filepath.Join(dir, filepath.FromSlash(modulePath), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		t.Fatal(err)
	}
	writeZip(t, root, filepath.Join(versions, version+".zip"), version)
	writeFile(t, filepath.Join(versions, version+".info"), fmt.Sprintf(`{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, version))
	writeFile(t, filepath.Join(versions, version+".mod"), readFile(t, filepath.Join(root, "go.mod")))

	cache := goEnv(t, "GOMODCACHE")
	t.Cleanup(func() { forget(t, cache, version) })
	return version, strings.Join([]string{
		"file://" + filepath.ToSlash(dir),
		"file://" + filepath.ToSlash(filepath.Join(cache, "cache", "download")),
		goEnv(t, "GOPROXY"),
	}, ",")
}

func writeZip(t *testing.T, root, path, version string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := zip.Create(file, module.Version{Path: modulePath, Version: version}, sources(t, root)); err != nil {
		t.Fatal(err)
	}
}

// sources lists the files of the module in root, without the folders that no
// release has: hidden ones, installed npm packages, cloud assemblies and other
// modules.
func sources(t *testing.T, root string) []zip.File {
	t.Helper()
	var files []zip.File
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && skipped(path) {
			return fs.SkipDir
		}
		if entry.Type().IsRegular() {
			files = append(files, source{path: path, name: filepath.ToSlash(name)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func skipped(dir string) bool {
	name := filepath.Base(dir)
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil || strings.HasPrefix(name, ".") || name == "node_modules" || name == "cdk.out"
}

// source is a file on its way into the module's zip.
type source struct{ path, name string }

func (s source) Path() string                 { return s.name }
func (s source) Lstat() (os.FileInfo, error)  { return os.Lstat(s.path) }
func (s source) Open() (io.ReadCloser, error) { return os.Open(s.path) }

// forget removes a release from the module cache.
func forget(t *testing.T, cache, version string) {
	unpacked := filepath.Join(cache, filepath.FromSlash(modulePath)+"@"+version)
	// Go makes the folders of the cache read-only.
	_ = filepath.WalkDir(unpacked, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return err
	})
	downloads := filepath.Join(cache, "cache", "download", filepath.FromSlash(modulePath), "@v")
	paths, err := filepath.Glob(filepath.Join(downloads, version+".*"))
	if err != nil {
		t.Error(err)
	}
	for _, path := range append(paths, unpacked) {
		if err := os.RemoveAll(path); err != nil {
			t.Error(err)
		}
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
