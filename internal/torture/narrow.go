package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/internal/settings"
)

// What the functions of a run are told, instead of what is right for a
// deployed stack: the hall has some thirty members and has to be a large room,
// while the other rooms, of five or six, mostly stay whole.
const (
	directLimit = 10
	shardSize   = 10
)

// Narrow copies a cloud assembly to a folder, and lets the rooms of its stack be
// posted to by the queue, and split, at a size that a run can fill. The
// assembly has to hold Roomcast's RealtimeStack.
func Narrow(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return fmt.Errorf("copy the cloud assembly: %w", err)
	}
	told := map[string]int{}
	err := filepath.WalkDir(to, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".template.json") {
			return err
		}
		return narrowTemplate(path, told)
	})
	if err != nil {
		return fmt.Errorf("let rooms split early: %w", err)
	}
	for _, name := range []string{settings.DirectLimit, settings.ShardSize} {
		if told[name] == 0 {
			return fmt.Errorf("torture: no function of the app is told %s: run an app that holds Roomcast's RealtimeStack", name)
		}
	}
	return nil
}

// narrowTemplate changes the functions of one template, and counts by setting
// how many it has told.
func narrowTemplate(path string, told map[string]int) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var template map[string]any
	if err := decoder.Decode(&template); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	resources, _ := template["Resources"].(map[string]any)
	for _, resource := range resources {
		variables := within(resource, "Properties", "Environment", "Variables")
		for name, value := range map[string]int{settings.DirectLimit: directLimit, settings.ShardSize: shardSize} {
			if _, ok := variables[name]; ok {
				variables[name] = strconv.Itoa(value)
				told[name]++
			}
		}
	}
	if content, err = json.Marshal(template); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// within returns the object that lies on a path in a JSON value, nil when there
// is none.
func within(value any, path ...string) map[string]any {
	object, _ := value.(map[string]any)
	for _, name := range path {
		object, _ = object[name].(map[string]any)
	}
	return object
}
