package functions

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// bootstrap is the file name of a custom runtime's program.
const bootstrap = "bootstrap"

// nodeClient is the runtime client that runs JavaScript.
//
//go:embed node/*.mjs
var nodeClient embed.FS

// program is what a sandbox's process runs.
type program struct {
	path string
	args []string
	temp string // a temporary folder; "" for none
}

// newProgram finds and checks the program that runs the function's code.
func newProgram(c Config) (program, error) {
	if !IsNode(c.Runtime) {
		path := filepath.Join(c.Dir, bootstrap)
		return program{path: path}, checkBootstrap(path)
	}
	if c.Node == "" {
		return program{}, errors.New("missing Node for a nodejs runtime")
	}
	temp, err := os.MkdirTemp("", "roomcast-node-")
	if err != nil {
		return program{}, fmt.Errorf("make a folder for the runtime client: %w", err)
	}
	p := program{path: c.Node, args: []string{filepath.Join(temp, "runtime.mjs")}, temp: temp}
	client, err := fs.Sub(nodeClient, "node")
	if err == nil {
		err = os.CopyFS(temp, client)
	}
	if err != nil {
		return program{}, errors.Join(fmt.Errorf("write the runtime client: %w", err), p.remove())
	}
	return p, nil
}

// remove removes the files of newProgram.
func (p program) remove() error {
	if p.temp == "" {
		return nil
	}
	return os.RemoveAll(p.temp)
}

// IsNode reports whether a runtime, by Lambda's name of it, runs JavaScript.
func IsNode(runtime string) bool { return strings.HasPrefix(runtime, "nodejs") }
