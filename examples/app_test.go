package examples

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// app is a copy of the example, which imports a release of Roomcast.
type app struct {
	dir     string
	program string
	env     []string
}

// newApp copies the example in dir, takes away its replace and compiles it
// against the release of Roomcast that proxy serves.
func newApp(t *testing.T, dir, version, proxy string) app {
	t.Helper()
	a := app{dir: t.TempDir()}
	for _, file := range sources(t, dir) {
		writeFile(t, filepath.Join(a.dir, filepath.FromSlash(file.Path())), readFile(t, file.(source).path))
	}
	a.env = append(os.Environ(),
		"GOPROXY="+proxy, "GOSUMDB=off", "GONOPROXY=none", "GOWORK=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=readonly",
		// Functions are built below the user's cache directory. This release is
		// never built again, so what is built of it goes with the test.
		"XDG_CACHE_HOME="+t.TempDir(), "GOCACHE="+goEnv(t, "GOCACHE"))

	a.run(t, nil, "go", "mod", "edit", "-dropreplace="+modulePath, "-require="+modulePath+"@"+version)
	a.run(t, nil, "go", "get", modulePath+"@"+version)
	a.program = filepath.Join(t.TempDir(), "app")
	a.run(t, nil, "go", "build", "-o", a.program, ".")
	return a
}

func (a app) run(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = a.dir
	cmd.Env = append(a.env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// function is a Lambda function of a synthesized stack.
type function struct {
	Handler     string
	Environment struct{ Variables map[string]any }
	Code        struct{ S3Key string }

	// bootstrap is the path of its program.
	bootstrap string
}

// synthesize runs the app for a target and returns the stack's functions.
func (a app) synthesize(t *testing.T, target string) []function {
	t.Helper()
	dir := t.TempDir()
	context, err := json.Marshal(map[string]any{
		"roomcast:target": target,
		"@aws-cdk/core:validateAgainstDefaultRules": true,
	})
	if err != nil {
		t.Fatal(err)
	}
	a.run(t, []string{"CDK_OUTDIR=" + dir, "CDK_CONTEXT_JSON=" + string(context)}, a.program)

	var template struct {
		Resources map[string]struct {
			Type       string
			Properties json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "ShoutStack.template.json"))), &template); err != nil {
		t.Fatal(err)
	}
	var functions []function
	for id, resource := range template.Resources {
		if resource.Type != "AWS::Lambda::Function" {
			continue
		}
		var f function
		if err := json.Unmarshal(resource.Properties, &f); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		asset := f.Code.S3Key[:len(f.Code.S3Key)-len(".zip")]
		f.bootstrap = filepath.Join(dir, "asset."+asset, "bootstrap")
		functions = append(functions, f)
	}
	return functions
}
