package engines

import (
	"context"
	"embed"
	"io/fs"

	"github.com/roomcast/roomcast/internal/npm"
)

// project is the Node project to install: a lockfile, and a script for each engine.
//
//go:embed node/package.json node/package-lock.json node/*.mjs
var project embed.FS

// Installation is a folder with the installed engines.
type Installation struct {
	dir  string
	node string // path of the Node program
}

// Install installs the engines in the user's cache, unless they are there, and
// returns their folder. If they are there, it only checks the Node version.
// progress is called for slow steps.
//
// The error says what is missing (Node, a newer Node, npm, access to an npm
// registry) and what to do.
func Install(ctx context.Context, progress func(format string, args ...any)) (*Installation, error) {
	node, err := npm.FindNode(ctx)
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(project, "node")
	if err != nil {
		return nil, err
	}
	dir, err := npm.Project{
		Name:    "engines",
		Label:   "the DynamoDB and SQS engines (dynalite and fauxqs)",
		Sources: map[string]fs.FS{".": files},
	}.Ensure(ctx, progress)
	if err != nil {
		return nil, err
	}
	return &Installation{dir: dir, node: node}, nil
}
