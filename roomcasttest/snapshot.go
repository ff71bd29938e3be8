package roomcasttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/settings"
)

// UpdateSnapshots is the environment variable that makes Snapshot write its files,
// if it is not empty.
const UpdateSnapshots = "ROOMCAST_UPDATE_SNAPSHOTS"

// Snapshot compares the template of a stack with a file, so that every change
// to what is deployed shows as a change to that file. dir is the folder of the
// app's cdk.json, or a cloud assembly. The file is called as the template is in
// cdk.out:
//
//	roomcasttest.Snapshot(t, ".", "testdata/ShoutStack.template.json")
//
// The app is synthesized without building any function, and the hashes of its
// assets are written as <asset>: a change to a function's code changes nothing.
// Of the options only WithContext and WithOpenAuth have an effect.
//
// With ROOMCAST_UPDATE_SNAPSHOTS=1 in the environment the file is written instead
// of compared. Otherwise it must exist.
func Snapshot(t testing.TB, dir, file string, options ...Option) {
	t.Helper()
	got, err := templateOf(dir, filepath.Base(file), options)
	if err != nil {
		t.Fatalf("roomcasttest: the template for %s: %v", file, err)
	}
	if os.Getenv(UpdateSnapshots) != "" {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, got, 0o644)); err != nil {
			t.Fatalf("roomcasttest: write the snapshot: %v", err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("roomcasttest: there is no snapshot %s yet: run the test once with %s=1", file, UpdateSnapshots)
	}
	if err != nil {
		t.Fatalf("roomcasttest: read the snapshot: %v", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("roomcasttest: the template differs from %s, first in\n%s\nif the change is intended, run the test once with %s=1 and commit the file",
			file, firstDifference(string(want), string(got)), UpdateSnapshots)
	}
}

// assetHash is the name of an asset, which changes with its content.
var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

// templateOf returns a template of the app, with sorted keys and without the
// hashes of assets.
func templateOf(dir, name string, options []Option) ([]byte, error) {
	conf := config{context: map[string]any{}}
	for _, option := range options {
		option(&conf)
	}
	made, err := synthesized(dir)
	if err != nil {
		return nil, err
	}
	if made == "" { // a context is for synthesis only
		conf.context[settings.ContextTarget] = "none"
	}
	assembly, err := assemblyOf(dir, conf.context)
	if err != nil {
		return nil, err
	}
	text, err := findTemplate(assembly, name)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var template any
	if err := decoder.Decode(&template); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	masked, err := json.MarshalIndent(template, "", "  ")
	return append(assetHash.ReplaceAll(masked, []byte("<asset>")), '\n'), err
}

// findTemplate reads a template of an assembly, or of one nested in it for a
// stage.
func findTemplate(assembly, name string) (text []byte, err error) {
	var names []string
	err = filepath.WalkDir(assembly, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != assembly && !strings.HasPrefix(entry.Name(), "assembly-"):
			return fs.SkipDir // an asset
		case strings.HasSuffix(entry.Name(), ".template.json"):
			names = append(names, entry.Name())
		}
		if entry.Name() == name && text == nil {
			text, err = os.ReadFile(path)
		}
		return err
	})
	if err == nil && text == nil {
		err = fmt.Errorf("the app has no template of that name, only %s", listed(names))
	}
	return text, err
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(want, got string) string {
	wantLines, gotLines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wantLines), len(gotLines)) {
		if wantLines[i] != gotLines[i] {
			return fmt.Sprintf("line %d: - %s\n         + %s", i+1, wantLines[i], gotLines[i])
		}
	}
	return fmt.Sprintf("its length: %d lines instead of %d", len(gotLines), len(wantLines))
}
