package npm

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// The lowest version of Node.js that the projects run on: fauxqs imports
// node:sqlite, which needed a flag before.
const minMajor, minMinor = 22, 13

// FindNode returns the path of a Node.js that is new enough. Its error says in
// one sentence what is missing and what to do.
func FindNode(ctx context.Context) (string, error) {
	need := fmt.Sprintf("Node.js %d.%d or newer", minMajor, minMinor)
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("node is not on the PATH: install %s (https://nodejs.org)", need)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", path, err)
	}
	version := strings.TrimSpace(string(out))
	if !isNewEnough(version) {
		return "", fmt.Errorf("needs %s, found %s (%s): install a newer one (https://nodejs.org)", need, version, path)
	}
	return path, nil
}

// isNewEnough reads a version such as v24.21.0.
func isNewEnough(version string) bool {
	var major, minor int
	if _, err := fmt.Sscanf(version, "v%d.%d", &major, &minor); err != nil {
		return false
	}
	return major > minMajor || major == minMajor && minor >= minMinor
}

func findNPM() (string, error) {
	path, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("npm is not on the PATH: install the npm that comes with Node.js (https://nodejs.org)")
	}
	return path, nil
}
