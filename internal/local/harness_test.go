package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
	"github.com/roomcast/roomcast/internal/local/plan"
)

func start(t *testing.T, o Options) *Cloud {
	t.Helper()
	o.Progress = t.Logf
	begin := time.Now()
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(begin))
	t.Cleanup(func() { c.Close() })
	return c
}

// bootstrap builds the foreign app's program once for all tests.
var bootstrap = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "roomcast-local-test")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bootstrap")
	if out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", file, "./testdata/app").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build testdata/app: %w\n%s", err, out)
	}
	return os.ReadFile(file)
})

// foreignApp copies the assembly in testdata and puts the program into its asset.
func foreignApp(t *testing.T) string {
	t.Helper()
	program, err := bootstrap()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/foreign")); err != nil {
		t.Fatal(err)
	}
	asset := filepath.Join(dir, "asset.18fa1f72")
	if err := os.Mkdir(asset, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(asset, "bootstrap"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	socket, _, err := websocket.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.CloseNow() })
	return socket
}

func send(t *testing.T, socket *websocket.Conn, frame string) {
	t.Helper()
	if err := socket.Write(t.Context(), websocket.MessageText, []byte(frame)); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, socket *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, frame, err := socket.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(frame)
}

// recorder keeps log lines.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) add(name, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, name+": "+line)
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// has waits a little for a line: a function's output takes its own way.
func (r *recorder) has(part string) bool {
	for range 1000 {
		if slices.ContainsFunc(r.all(), func(line string) bool { return strings.Contains(line, part) }) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// planned returns the plan of a stack S with these resources.
func planned(t *testing.T, resources string) *plan.Plan {
	t.Helper()
	a, err := assembly.Open(assemblytest.Write(t, map[string]string{"S": `{"Resources": ` + resources + `}`}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
