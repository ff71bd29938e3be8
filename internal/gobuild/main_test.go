package gobuild

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain gives the tests a cache of built programs of their own, while Go
// keeps the caches it has: otherwise each run would compile the standard
// library again.
func TestMain(m *testing.M) {
	os.Exit(inOwnCache(m))
}

func inOwnCache(m *testing.M) int {
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOENV"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			fmt.Fprintln(os.Stderr, "go env", name, err)
			return 1
		}
		os.Setenv(name, strings.TrimSpace(string(out)))
	}
	dir, err := os.MkdirTemp("", "gobuild")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// os.UserCacheDir reads the first on Linux, the second on macOS, the third
	// on Windows.
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		os.Setenv(name, dir)
	}
	return m.Run()
}
