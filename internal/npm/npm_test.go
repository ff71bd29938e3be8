package npm

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// sample depends on nothing, so that installing it needs no registry; its
// script writes dist/out and counts its runs.
func sample(text string) Project {
	return Project{
		Name: "sample", Label: "the sample", Dir: "app", Script: "build", Keep: "app/dist",
		Sources: map[string]fs.FS{"app": fstest.MapFS{
			"package.json": {Data: fmt.Appendf(nil,
				`{"name":"sample","version":"1.0.0","scripts":{"build":"mkdir -p dist && echo %s > dist/out && echo run >> \"$RUNS\""}}`, text)},
			"package-lock.json": {Data: []byte(
				`{"name":"sample","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"sample","version":"1.0.0"}}}`)},
		}},
	}
}

func quiet(string, ...any) {}

// cache makes the user's cache an empty folder and returns where a sample is
// kept in it. These tests set the environment, so they must not be parallel.
func cache(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	user, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(user, "roomcast", "sample")
}

func TestEnsureInstallsOncePerContent(t *testing.T) {
	home := cache(t)
	runs := filepath.Join(t.TempDir(), "runs")
	t.Setenv("RUNS", runs)
	var progress []string
	tell := func(format string, args ...any) { progress = append(progress, fmt.Sprintf(format, args...)) }

	first := ensure(t, sample("one"), tell)
	if text, err := os.ReadFile(filepath.Join(first, "out")); err != nil || string(text) != "one\n" {
		t.Errorf("out holds %q, %v", text, err)
	}
	if again := ensure(t, sample("one"), tell); again != first {
		t.Errorf("installed to %s and %s", first, again)
	}
	if text, _ := os.ReadFile(runs); string(text) != "run\n" || len(progress) != 2 {
		t.Errorf("the script ran %q, progress %q; want one run and two sentences", text, progress)
	}
	if other := ensure(t, sample("two"), tell); other == first {
		t.Error("another content got the same folder")
	}
	if left, _ := os.ReadDir(home); len(left) != 2 {
		t.Errorf("%d entries in the cache, want the two installations", len(left))
	}
}

func ensure(t *testing.T, p Project, progress func(string, ...any)) string {
	t.Helper()
	dir, err := p.Ensure(t.Context(), progress)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEnsureRemovesOnlyWhatIsStale(t *testing.T) {
	home := cache(t)
	t.Setenv("RUNS", os.DevNull)
	stale, fresh := filepath.Join(home, partPrefix+"stale"), filepath.Join(home, partPrefix+"fresh")
	for _, dir := range []string{stale, fresh} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(stale, long, long); err != nil {
		t.Fatal(err)
	}
	ensure(t, sample("one"), quiet)
	if _, err := os.Stat(stale); err == nil {
		t.Error("an old half installation is still there")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error("a running installation of another process was removed")
	}
}

// Two processes that install the same project at once both get it complete.
func TestInstallTwiceConcurrently(t *testing.T) {
	home := cache(t)
	t.Setenv("RUNS", os.DevNull)
	if err := os.MkdirAll(home, 0o755); err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 2)
	for range 2 {
		go func() { results <- sample("one").installTo(t.Context(), filepath.Join(home, "whole")) }()
	}
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(home); len(left) != 1 {
		t.Errorf("%d entries in the cache, want only the installation", len(left))
	}
}

func TestEnsureInterruptedLeavesNothing(t *testing.T) {
	home := cache(t)
	p := sample("one")
	p.Sources["app"].(fstest.MapFS)["package.json"].Data = []byte(`{"name":"sample","version":"1.0.0","scripts":{"build":"sleep 60"}}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := p.Ensure(ctx, func(string, ...any) { time.AfterFunc(100*time.Millisecond, cancel) })
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("error %v, want one about the interruption", err)
	}
	if left, _ := os.ReadDir(home); len(left) != 0 {
		t.Errorf("%s is left in the cache", left[0].Name())
	}
}

func TestEnsureSaysWhatIsWrong(t *testing.T) {
	const newNode = "echo v22.13.0"
	for _, c := range []struct {
		name      string
		node, npm string // scripts; "" is not installed
		want      []string
	}{
		{"no node", "", "", []string{"node is not on the PATH", "install Node.js 22.13 or newer"}},
		{"old node", "echo v20.20.2", "", []string{"needs Node.js 22.13 or newer, found v20.20.2 (", "/node): install a newer one"}},
		{"almost new node", "echo v22.12.0", "", []string{"needs Node.js 22.13 or newer, found v22.12.0"}},
		{"odd node", "echo hello", "", []string{"needs Node.js 22.13 or newer, found hello"}},
		{"broken node", "exit 3", "", []string{"--version", "exit status 3"}},
		{"no npm", newNode, "", []string{"npm is not on the PATH", "install"}},
		{"no network", newNode, "echo npm error code ENOTFOUND >&2; exit 1", []string{"the sample", "registry cannot be reached", "check the network", "ENOTFOUND"}},
		{"npm fails", newNode, "echo the disk is full >&2; exit 1", []string{"npm ci", "exit status 1", "the disk is full"}},
		{"the script fails", newNode, `[ "$1" = ci ] || { echo no such file; exit 2; }`, []string{"npm run build", "exit status 2", "no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			home, bin := cache(t), t.TempDir()
			for name, script := range map[string]string{"node": c.node, "npm": c.npm} {
				if script == "" {
					continue
				}
				if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", bin)
			_, err := sample("one").Ensure(t.Context(), quiet)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if left, _ := os.ReadDir(home); len(left) > 0 {
				t.Errorf("%s is left in the cache", left[0].Name())
			}
		})
	}
}

// The output of a real npm without a registry is recognized.
func TestAnUnreachableRegistryIsRecognised(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("npm_config_registry", "http://127.0.0.1:1")
	t.Setenv("npm_config_cache", t.TempDir())
	t.Setenv("npm_config_fetch_retries", "0")
	p := Project{Sources: map[string]fs.FS{".": fstest.MapFS{
		"package.json": {Data: []byte(`{"name":"s","version":"1.0.0","dependencies":{"is-number":"7.0.0"}}`)},
		"package-lock.json": {Data: []byte(`{"name":"s","version":"1.0.0","lockfileVersion":3,"packages":{
			"":{"name":"s","version":"1.0.0","dependencies":{"is-number":"7.0.0"}},
			"node_modules/is-number":{"version":"7.0.0"}}}`)},
	}}}
	dir := t.TempDir()
	if err := os.CopyFS(dir, p.Sources["."]); err != nil {
		t.Fatal(err)
	}
	err := p.run(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "registry cannot be reached") {
		t.Errorf("error %v, want one about the registry", err)
	}
}
