package npm

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// minNode is the lowest major version of Node that the projects run on.
const minNode = 20

// FindNode returns the path of a Node that is new enough. Its error says in
// one sentence what is missing, and what to do.
func FindNode(ctx context.Context) (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("node is not on the PATH: install Node.js %d or newer (https://nodejs.org)", minNode)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", path, err)
	}
	version := strings.TrimSpace(string(out))
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < minNode {
		return "", fmt.Errorf("%s is Node %s, which is too old: install Node.js %d or newer (https://nodejs.org)", path, version, minNode)
	}
	return path, nil
}

func findNPM() (string, error) {
	path, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("npm is not on the PATH: install the npm that comes with Node.js (https://nodejs.org)")
	}
	return path, nil
}
