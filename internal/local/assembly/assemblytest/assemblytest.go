// Package assemblytest writes cloud assemblies for tests.
package assemblytest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Write writes a cloud assembly to a temporary folder and returns the folder. It has
// a stack for each template, by name. The stacks share one asset, code.zip.
func Write(t testing.TB, templates map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	artifacts := map[string]any{
		"assets": map[string]any{"type": "cdk:asset-manifest", "properties": map[string]any{"file": "assets.json"}},
	}
	files := map[string]any{
		"assets.json": map[string]any{"files": map[string]any{"code": map[string]any{"source": map[string]any{"path": "code"}}}},
	}
	for name, text := range templates {
		artifacts[name] = map[string]any{
			"type":         "aws:cloudformation:stack",
			"properties":   map[string]any{"templateFile": name + ".template.json"},
			"dependencies": []string{"assets"},
		}
		files[name+".template.json"] = json.RawMessage(text)
	}
	files["manifest.json"] = map[string]any{"artifacts": artifacts}
	for name, content := range files {
		data, err := json.Marshal(content)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Inline returns the properties, without braces, of a Lambda function with this
// JavaScript handler as its inline code.
func Inline(handler string) string {
	code, _ := json.Marshal("exports.handler = " + handler)
	return fmt.Sprintf(`"Runtime": "nodejs22.x", "Handler": "index.handler", "Code": {"ZipFile": %s}`, code)
}
