package gobuild

import (
	"fmt"
	"strings"
)

// module is the path of the module with Roomcast's own handlers.
const module = "github.com/roomcast/roomcast"

// Handlers builds the program of Roomcast's own functions and returns the
// folder with its bootstrap. It looks for Roomcast's source from the current
// directory, which may be in Roomcast or in any module that imports it.
func Handlers(target Target) (string, error) {
	dir, err := moduleDir(".", module)
	if err != nil {
		return "", err
	}
	return Build(Source{Dir: dir, Package: "./lambdas", Env: ownModule}, target)
}

// ownModule keeps the importing project's workspace, vendor folder and build
// flags out of the build of this module.
var ownModule = []string{"GOWORK=off", "GOFLAGS=-mod=readonly"}

// moduleDir returns the folder of a module's source, as seen from the Go
// project in the folder from.
func moduleDir(from, path string) (string, error) {
	dir, err := listModule(from, path)
	if err != nil {
		return "", fmt.Errorf("find the source of module %s (run this inside a Go module that requires it): %w", path, err)
	}
	if dir == "" {
		// In a project with a vendor folder, which has only parts of the source, go
		// names the folder of the source only with -mod=readonly.
		dir, _ = listModule(from, path, "-mod=readonly")
	}
	if dir == "" {
		return "", fmt.Errorf("find the source of module %s: it is vendored and not downloaded, so its handlers cannot be built here: "+
			"run `go mod download`, or build its package lambdas elsewhere and pass the folder with the file bootstrap as Code", path)
	}
	return dir, nil
}

// listModule asks go for the folder of a module's source; "" means that go
// knows the module, but not where its source is.
func listModule(from, path string, flags ...string) (string, error) {
	args := append([]string{"list", "-m", "-f", "{{.Dir}}"}, flags...)
	out, err := runGo(from, nil, append(args, path)...)
	return strings.TrimSpace(out), err
}
