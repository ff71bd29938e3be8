package engines

import (
	"context"
	"embed"
	"io/fs"

	"github.com/roomcast/roomcast/internal/npm"
)

// project is the Node project that is installed: a lockfile and a script per
// engine.
//
//go:embed node/package.json node/package-lock.json node/*.mjs
var project embed.FS

// Installation is a folder that holds the engines, ready to be started.
type Installation struct {
	dir  string
	node string // path of the node program
}

// Install makes sure that the engines are installed in the user's cache and
// returns where. When they are, it costs one look at the Node version.
// progress is told what takes long.
//
// The error says in one sentence what is missing (Node, a newer Node, npm, a
// reachable npm registry) and what to do about it.
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
