package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

// TestGeneratedFilesAreCurrent compares the files in the repository with what
// codegen would write.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go generate ./internal/protocol", name)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const stop = `"reactions":[{"name":"stop","meaning":"m"}],`
	for want, data := range map[string]string{
		`unknown field "sttaus"`:       `{"server":[{"code":"a","sttaus":400}]}`,
		`expected code, meaning`:       `{` + stop + `"server":[{"code":"a","reaction":"stop","meaning":"m"}]}`,
		`invalid reaction "go"`:        `{` + stop + `"server":[{"code":"a","reaction":"go","meaning":"m","advice":"d"}]}`,
		`"a": expected each code once`: `{` + stop + `"server":[{"code":"a","reaction":"stop","meaning":"m","advice":"d"}],"client":[{"code":"a","reaction":"stop","meaning":"m","advice":"d"}]}`,
	} {
		if _, err := parse([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse(%s) returned %v, want an error with %q", data, err, want)
		}
	}
}

func TestReplaceSectionNeedsTheMarks(t *testing.T) {
	t.Parallel()
	if _, err := replaceSection([]byte("# A page\n"), "table\n"); err == nil {
		t.Error("replaceSection took a page without marks")
	}
}
