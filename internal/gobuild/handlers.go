package gobuild

import (
	"fmt"
	"strings"
)

// module is where Roomcast's own handlers live.
const module = "github.com/roomcast/roomcast"

// Handlers builds the program of Roomcast's own functions and returns the
// folder with its bootstrap. It looks for Roomcast's source from the current
// directory: that may be Roomcast itself or any module that imports it.
func Handlers(target Target) (string, error) {
	dir, err := moduleDir(".", module)
	if err != nil {
		return "", err
	}
	return Build(Source{Dir: dir, Package: "./lambdas", Env: ownModule}, target)
}

// ownModule keeps the importing project's settings out of the build of our
// module: its workspace, its vendor folder and its build flags.
var ownModule = []string{"GOWORK=off", "GOFLAGS=-mod=readonly"}

// moduleDir returns the folder of a module's source, as the Go project in
// folder from sees it.
func moduleDir(from, path string) (string, error) {
	out, err := runGo(from, nil, "list", "-m", "-f", "{{.Dir}}", path)
	if err != nil {
		return "", fmt.Errorf("find the source of module %s (run this inside a Go module that requires it): %w", path, err)
	}
	dir := strings.TrimSpace(out)
	if dir == "" {
		return "", fmt.Errorf("find the source of module %s: it is vendored or not downloaded, so its handlers cannot be built here: "+
			"run `go mod download %s` and build without -mod=vendor, or build its package lambdas elsewhere and pass the folder with the file bootstrap as Code", path, path)
	}
	return dir, nil
}
