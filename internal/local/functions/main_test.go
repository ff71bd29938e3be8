package functions_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
)

// bootstrapDir holds the compiled program of testdata/bootstrap.
var bootstrapDir string

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		invokeAndHang()
	}
	os.Exit(runWithBootstrap(m))
}

func runWithBootstrap(m *testing.M) int {
	dir, err := os.MkdirTemp("", "roomcast-functions-")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", filepath.Join(dir, "bootstrap"), "./testdata/bootstrap")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Printf("build the test's bootstrap: %v\n%s", err, out)
		return 1
	}
	bootstrapDir = dir
	return m.Run()
}

// logs collects log lines.
type logs struct {
	mu    sync.Mutex
	lines []string
}

func (l *logs) add(function, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, function+": "+line)
}

func (l *logs) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// newFunction makes a function of the test's bootstrap with the given handler.
func newFunction(t testing.TB, handler string, change func(*functions.Config)) *functions.Function {
	t.Helper()
	c := functions.Config{Name: "Fn", Dir: bootstrapDir, Handler: handler, Timeout: 20 * time.Second}
	if change != nil {
		change(&c)
	}
	f, err := functions.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func invoke(t testing.TB, f *functions.Function, event string) functions.Result {
	t.Helper()
	r, err := f.Invoke(t.Context(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
