package examples

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// expectStarts runs a function's program as AWS Lambda does and waits until it
// asks for its first invocation.
func expectStarts(t *testing.T, f function) {
	t.Helper()
	asked := make(chan string, 1)
	closing := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case asked <- r.Method + " " + r.URL.Path + " " + string(body):
		default:
		}
		<-closing // there is nothing to do for it
	}))
	defer server.Close()
	defer close(closing)

	var output strings.Builder
	cmd := exec.Command(f.bootstrap)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Env = append(variables(f), "_HANDLER="+f.Handler,
		"AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"),
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=example", "AWS_SECRET_ACCESS_KEY=example")
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the function %s: %v", f.Handler, err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()

	select {
	case got := <-asked:
		if want := "GET /2018-06-01/runtime/invocation/next "; got != want {
			t.Errorf("the function %s said %q to its runtime, want %q", f.Handler, got, want)
		}
	case err := <-exited:
		t.Fatalf("the function %s exited at once: %v\n%s", f.Handler, err, output.String())
	case <-time.After(30 * time.Second):
		t.Errorf("the function %s has not asked for an invocation", f.Handler)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Errorf("stop the function %s: %v", f.Handler, err)
	}
	<-exited
}

// variables returns the function's environment. What only a deployment knows,
// such as the name of a table, is stood in for by a URL that leads nowhere.
func variables(f function) []string {
	var env []string
	for name, value := range f.Environment.Variables {
		text, ok := value.(string)
		if !ok {
			text = "http://127.0.0.1:1/prod"
		}
		env = append(env, name+"="+text)
	}
	return env
}
