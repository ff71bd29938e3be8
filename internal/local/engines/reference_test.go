package engines

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A missing requirement of DynamoDB Local is reported in one sentence.
func TestReferenceNeedsJava(t *testing.T) {
	tests := []struct {
		name     string
		programs map[string]string
		want     string
	}{
		{"nothing", nil, "javac is not on the PATH: install a Java development kit of version 17 or newer"},
		{"no java", map[string]string{"javac": ""}, "java is not on the PATH"},
		{"an old one", map[string]string{"javac": "", "java": `echo 'openjdk version "11.0.2" 2019-01-15' >&2`}, "is Java 11, which is too old"},
		{"an ancient one", map[string]string{"javac": "", "java": `echo 'java version "1.8.0_292"' >&2`}, "is Java 1, which is too old"},
		{"a silent one", map[string]string{"javac": "", "java": "exit 0"}, "does not print its version"},
		{"a broken one", map[string]string{"javac": "", "java": "exit 3"}, "exit status 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, script := range tt.programs {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			_, err := InstallReference(t.Context(), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want in it %q", err, tt.want)
			}
		})
	}
}

func TestAnEngineThatSomebodyElseRuns(t *testing.T) {
	t.Parallel()
	e, err := Running(DynamoDB, "http://127.0.0.1:8000/")
	if err != nil {
		t.Fatal(err)
	}
	if e.Endpoint() != "http://127.0.0.1:8000" || e.Pid() != 0 || e.Kind() != DynamoDB {
		t.Errorf("engine %+v", e)
	}
	e.Close()
	e.Close()
	for _, bad := range []string{"dynamo", "127.0.0.1:8000", "ftp://x", "http://"} {
		if _, err := Running(DynamoDB, bad); err == nil {
			t.Errorf("%q was taken for a URL", bad)
		}
	}
}

func TestCheckChoice(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"", "dynalite", "local", "http://127.0.0.1:8000"} {
		if err := CheckChoice(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"dynamodb": `invalid DynamoDB engine "dynamodb": expected dynalite, local`,
		"http://":  "invalid URL",
	} {
		if err := CheckChoice(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want in it %q", bad, err, want)
		}
	}
}
