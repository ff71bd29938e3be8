package assembly

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	a, err := Open("testdata/assembly")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range a.Stacks {
		got = append(got, s.Name+" "+s.DisplayName)
	}
	want := "Prod-Inner Prod/Inner, Foreign Foreign"
	if strings.Join(got, ", ") != want {
		t.Errorf("stacks are %q, want %q, as the manifest orders them", got, want)
	}
	foreign := a.Stacks[1]
	if !strings.Contains(string(foreign.Template), `"AWS::Lambda::Function"`) {
		t.Errorf("the template is %s", foreign.Template)
	}
	for logicalID, path := range map[string]string{
		"Handler886CB40B": "Foreign/Handler/Resource", // from additionalMetadataFile
		"Jobs":            "Foreign/Jobs/Resource",    // from the manifest itself
		"Nobody":          "",
	} {
		if got := foreign.ConstructPath(logicalID); got != path {
			t.Errorf("construct path of %s is %q, want %q", logicalID, got, path)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	for environment, want := range map[string][2]string{
		"aws://123456789012/eu-west-1":         {"123456789012", "eu-west-1"},
		"aws://unknown-account/eu-west-1":      {"", "eu-west-1"},
		"aws://unknown-account/unknown-region": {},
		"":                                     {},
	} {
		account, region := artifact{Environment: environment}.environment()
		if got := [2]string{account, region}; got != want {
			t.Errorf("%q is %q, want %q", environment, got, want)
		}
	}
}

func TestAsset(t *testing.T) {
	t.Parallel()
	a, err := Open("testdata/assembly")
	if err != nil {
		t.Fatal(err)
	}
	inner, foreign := a.Stacks[0], a.Stacks[1]
	tests := []struct {
		name  string
		stack *Stack
		key   string
		want  string // empty: an error
	}{
		{"the key of deployment", foreign, "18fa.zip", "testdata/assembly/asset.18fa"},
		{"a key with a prefix", foreign, "code/77aa.zip", "testdata/assembly/asset.77aa"},
		{"a prefix that the manifest does not know", foreign, "other/18fa.zip", "testdata/assembly/asset.18fa"},
		{"a stage's asset lies in the outer assembly", inner, "18fa.zip", "testdata/assembly/asset.18fa"},
		{"no such key", foreign, "beef.zip", ""},
		{"an asset that deployment would make", foreign, "cafe.zip", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.stack.Asset(test.key)
			if (err != nil) != (test.want == "") || filepath.ToSlash(got) != test.want {
				t.Errorf("Asset(%q) = %q, %v; want %q", test.key, got, err, test.want)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string // nil: no folder at all
		is    error
		want  string
	}{
		{"no folder", nil, ErrNoAssembly, "run cdk synth first, or point --assembly at the cdk.out folder"},
		{"no manifest", map[string]string{"x": ""}, ErrNoAssembly, "missing manifest.json"},
		{"broken manifest", map[string]string{"manifest.json": "{"}, nil, "invalid JSON in"},
		{"artifacts of another shape", map[string]string{"manifest.json": `{"artifacts":[1]}`}, nil, "invalid manifest"},
		{"empty manifest", map[string]string{"manifest.json": "{}"}, ErrNoStack, "has no stack"},
		{"no stack", map[string]string{"manifest.json": `{"artifacts":{"Tree":{"type":"cdk:tree"}}}`}, ErrNoStack, "add a stack"},
		{"template missing", map[string]string{"manifest.json": `{"artifacts":{"S":{"type":"aws:cloudformation:stack",
			"properties":{"templateFile":"S.json"}}}}`}, nil, "stack S: read the template"},
		{"template elsewhere", map[string]string{"manifest.json": `{"artifacts":{"S":{"type":"aws:cloudformation:stack",
			"properties":{"templateFile":"../../S.json"}}}}`}, nil, "expected a file inside the cloud assembly"},
		{"nested in itself", map[string]string{"manifest.json": `{"artifacts":{"P":{"type":"cdk:cloud-assembly",
			"properties":{"directoryName":"./"}}}}`}, nil, "stage P"},
		{"nested one missing", map[string]string{"manifest.json": `{"artifacts":{"P":{"type":"cdk:cloud-assembly",
			"properties":{"directoryName":"assembly-P"}}}}`}, ErrNoAssembly, "stage P"},
		{"assets missing", map[string]string{"S.json": "{}", "manifest.json": `{"artifacts":{
			"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.json"},"dependencies":["A"]},
			"A":{"type":"cdk:asset-manifest","properties":{"file":"A.json"}}}}`}, nil, "A.json"},
		{"metadata missing", map[string]string{"S.json": "{}", "manifest.json": `{"artifacts":{
			"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.json"},"additionalMetadataFile":"M.json"}}}`}, nil, "M.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "cdk.out")
			if test.files != nil {
				write(t, dir, test.files)
			}
			a, err := Open(dir)
			if err == nil {
				t.Fatalf("Open reads %+v", a)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("error %q does not wrap %q", err, test.is)
			}
			if !strings.Contains(err.Error(), test.want) || (test.is == ErrNoAssembly && !strings.Contains(err.Error(), dir)) {
				t.Errorf("error %q does not say %q and where", err, test.want)
			}
		})
	}
}

func TestOpenRefusesAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"file": ""})
	if _, err := Open(filepath.Join(dir, "file")); !errors.Is(err, ErrNoAssembly) {
		t.Errorf("error is %v", err)
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// CDK's legacy synthesizer has no asset manifest: deployment passes where the
// assets are as parameters of the template.
func TestLegacyAssets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.json"}, "metadata": {"/S": [
			{"type": "aws:cdk:asset", "data": {"path": "asset.beef", "packaging": "zip", "sourceHash": "beef", "s3BucketParameter": "B", "s3KeyParameter": "K", "artifactHashParameter": "H"}},
			{"type": "aws:cdk:asset", "data": {"path": "N.nested.template.json", "packaging": "file", "sourceHash": "cafe", "s3BucketParameter": "NB", "s3KeyParameter": "NK", "artifactHashParameter": "NH"}},
			{"type": "aws:cdk:asset", "data": {"path": "image", "packaging": "container-image", "sourceHash": "f00d"}},
			{"type": "aws:cdk:asset", "data": "of another version"}]}}}}`,
		"S.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := a.Stacks[0]
	for key, want := range map[string]string{"K": "asset.beef", "NK": "N.nested.template.json"} {
		value, _ := s.Parameters[key].(string)
		if folder, rest, ok := strings.Cut(value, "||"); !ok {
			t.Errorf("the parameter %s is %q, want two parts", key, value)
		} else if got, err := s.Asset(folder + rest); err != nil || got != filepath.Join(dir, want) {
			t.Errorf("the asset of %s is %q, %v, want %s", key, got, err, want)
		}
	}
	if s.Parameters["B"] != "assets" || s.Parameters["H"] != "beef" || len(s.Parameters) != 6 {
		t.Errorf("the parameters are %v", s.Parameters)
	}
}
