package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mutant is a way to break the code: a text of a file, and what stands in its
// place.
type mutant struct {
	name string
	what string
	// file is where it is, from the top of the repository.
	file    string
	old     string
	instead string
}

// mutants are the mistakes that the systems made which Roomcast is to be better
// than, and those that are easily made in it.
var mutants = []mutant{
	{
		name: "no-replay",
		what: "a join from a position gets no message, and is told that it missed none",
		file: "internal/realtime/recover.go",
		old:  "	p := newPageBuilder(head)\n	anchored :=",
		instead: "	p := newPageBuilder(head)\n	if since >= 0 {\n		return p.page(head.Seq, false), nil\n	}\n" +
			"	anchored :=",
	},
	{
		name:    "no-settle",
		what:    "a join names the head of the room without a look at the gaps below it",
		file:    "internal/realtime/rooms.go",
		old:     "looked, err := s.settleTo(ctx, roomID, head)",
		instead: "looked, err := 0, error(nil)",
	},
	{
		name:    "no-dedupe",
		what:    "a clientId means nothing: a copy of a send is another message",
		file:    "internal/realtime/publish.go",
		old:     "key := SendKey{UserID: p.UserID, ClientID: p.ClientID, RoomID: p.RoomID}",
		instead: `key := SendKey{UserID: p.UserID, ClientID: "", RoomID: p.RoomID}`,
	},
	{
		name: "stale-members",
		what: "the members are those of up to two seconds ago, as they may be for cursors",
		file: "internal/realtime/spread.go",
		old:  "		members, err := s.connections.Members(ctx, e.RoomID, firstShard, s.directLimit+1)\n",
		instead: "		members, err := membersThatWere(e.RoomID, func() ([]Member, error) {\n" +
			"			return s.connections.Members(ctx, e.RoomID, firstShard, s.directLimit+1)\n" +
			"		})\n",
	},
	{
		name:    "first-shard",
		what:    "a message of a large room is queued for its first shard only",
		file:    "internal/realtime/spread.go",
		old:     "	jobs := make([]Job, head.count())\n",
		instead: "	jobs := make([]Job, min(head.count(), 1))\n",
	},
	{
		name:    "batch-last",
		what:    "of the messages that have piled up only the last is posted",
		file:    "internal/realtime/job.go",
		old:     "		n, frame := protocol.Pack(frames)\n",
		instead: "		n, frame := protocol.Pack(frames)\n		frame = frames[n-1]\n",
	},
	{
		name:    "reap-on-410",
		what:    "every 410 removes the connection, without asking whether it is gone",
		file:    "internal/realtime/gone.go",
		old:     "	if !m.Established && s.now().Sub(m.ConnectedAt) < Youth {\n		return false\n	}\n",
		instead: "	if m.ConnectionID != \"\" {\n		return true\n	}\n",
	},
}

// staleMembers is what stale-members adds to its file.
const staleMembers = `
var lastMembers sync.Map

type membersThen struct {
	at      time.Time
	members []Member
}

func membersThatWere(roomID string, read func() ([]Member, error)) ([]Member, error) {
	if then, ok := lastMembers.Load(roomID); ok && time.Since(then.(membersThen).at) < 2*time.Second {
		return then.(membersThen).members, nil
	}
	members, err := read()
	if err == nil {
		lastMembers.Store(roomID, membersThen{time.Now(), members})
	}
	return members, err
}
`

func mutantNames() []string {
	var names []string
	for _, m := range mutants {
		names = append(names, m.name)
	}
	return names
}

// copy copies the repository and makes the mistake in the copy.
func (m mutant) copy(root, to string) error {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case ".git", "node_modules", "dist", "cdk.out":
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		within, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, within)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		return err
	}
	broken, err := m.apply(filepath.Join(root, m.file))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, m.file), broken, 0o644)
}

// apply returns the broken file. It is an error when the file does not have
// the text to replace, once.
func (m mutant) apply(path string) ([]byte, error) {
	good, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(good, []byte(m.old)); n != 1 {
		return nil, fmt.Errorf("%s has the text to break %d times, not once: %q", m.file, n, m.old)
	}
	broken := bytes.Replace(good, []byte(m.old), []byte(m.instead), 1)
	if m.name == "stale-members" {
		broken = bytes.Replace(broken, []byte("import (\n"), []byte("import (\n	\"sync\"\n	\"time\"\n"), 1)
		broken = append(broken, staleMembers...)
	}
	return broken, nil
}
