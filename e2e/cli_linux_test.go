package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/roomcasttest"
)

// command builds the roomcast command once and returns its path, and lab builds
// roomcast-lab.
var (
	command = sync.OnceValues(func() (string, error) { return buildCommand("roomcast") })
	lab     = sync.OnceValues(func() (string, error) { return buildCommand("roomcast-lab") })
)

func buildCommand(name string) (string, error) {
	path := filepath.Join(assembly, name)
	out, err := exec.Command("go", "build", "-o", path, "../cmd/"+name).CombinedOutput()
	if err != nil {
		return "", &exec.Error{Name: string(out), Err: err}
	}
	return path, nil
}

// up is a running `roomcast up`.
type up struct {
	*exec.Cmd
	temp   string // its TMPDIR
	stderr bytes.Buffer
	ready  struct {
		Ready                                        bool
		WebSocketURL, CallbackURL, SiteURL, TokenURL string
		APIs                                         []struct{ ID, Stage, WebSocketURL, CallbackURL string }
		ReadySeconds                                 float64
		Outputs, Environment                         map[string]string
	}
}

// startUp runs `roomcast up --json` and waits for its line.
func startUp(t *testing.T, args ...string) *up {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	u := &up{Cmd: exec.Command(path, append([]string{"up", "--json"}, args...)...), temp: t.TempDir()}
	u.Env = append(os.Environ(), "TMPDIR="+u.temp)
	u.Stderr = &u.stderr
	stdout, err := u.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v; standard error:\n%s", err, u.stderr.String())
	}
	if err := json.Unmarshal(line, &u.ready); err != nil {
		t.Fatalf("ready line %s: %v", line, err)
	}
	return u
}

func TestUpAnnouncesItselfAndCleansUp(t *testing.T) {
	t.Parallel()
	u := startUp(t, "--assembly", assembly, "--no-site")
	if r := u.ready; !r.Ready || len(r.APIs) != 1 || r.WebSocketURL != r.APIs[0].WebSocketURL || r.ReadySeconds <= 0 || r.SiteURL != "" {
		t.Errorf("ready: %+v", r)
	}
	conn, _, err := websocket.Dial(t.Context(), u.ready.WebSocketURL+"?userId=ada&roomId=lobby", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	children := descendants(t, u.Process.Pid)
	if len(children) < 3 {
		t.Errorf("two engines and a function should run, found the processes %v", children)
	}

	if err := u.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := u.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v; standard error:\n%s", err, u.stderr.String())
	}
	for _, pid := range children {
		if alive(pid) {
			t.Errorf("process %d outlived the command", pid)
		}
	}
	address, err := url.Parse(u.ready.WebSocketURL)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", address.Host); err == nil {
		c.Close()
		t.Errorf("%s is still served", address.Host)
	}
	if left, _ := os.ReadDir(u.temp); len(left) != 0 {
		t.Errorf("temporary files left: %v", left)
	}
}

// However the command ends, it leaves nothing behind.
func TestAKilledUpTakesItsProcessesAlong(t *testing.T) {
	t.Parallel()
	u := startUp(t, "--assembly", assembly, "--no-site")
	children := descendants(t, u.Process.Pid)
	_ = u.Process.Kill()
	_ = u.Wait()
	roomcasttest.Eventually(t, "the children of a killed command end", func() bool {
		return !slices.ContainsFunc(children, alive)
	})
}

func TestUpEndsWhenAnEngineDies(t *testing.T) {
	t.Parallel()
	u := startUp(t, "--assembly", assembly, "--no-site")
	var engine int
	for _, pid := range descendants(t, u.Process.Pid) {
		if name, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline")); bytes.Contains(name, []byte("dynamodb")) {
			engine = pid
		}
	}
	if engine == 0 {
		t.Fatal("the DynamoDB engine was not found among the processes")
	}
	if err := syscall.Kill(engine, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := u.Wait(); err == nil {
		t.Error("the command ended well although its engine was killed")
	}
	if said := u.stderr.String(); !strings.Contains(said, "the local dynamodb, ended") {
		t.Errorf("the message does not name the engine:\n%s", said)
	}
	if left, _ := os.ReadDir(u.temp); len(left) != 0 {
		t.Errorf("temporary files left: %v", left)
	}
}

func TestUpSaysWhatIsWrongInOneSentence(t *testing.T) {
	t.Parallel()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	holder, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { holder.Close() })
	_, port, _ := net.SplitHostPort(holder.Addr().String())

	empty := t.TempDir()
	failing := t.TempDir()
	write(t, filepath.Join(failing, "cdk.json"), `{"app":"echo nonsense in stack.go:7 >&2; exit 1"}`)
	unsupported := t.TempDir()
	write(t, filepath.Join(unsupported, "manifest.json"), `{"version":"36.0.0","artifacts":{"S":{"type":"aws:cloudformation:stack","environment":"aws://unknown-account/unknown-region","properties":{"templateFile":"S.template.json"}}}}`)
	write(t, filepath.Join(unsupported, "S.template.json"), `{"Resources":{"Pool":{"Type":"AWS::RDS::DBInstance","Properties":{}}}}`)

	thoughtless := filepath.Join(t.TempDir(), "faults.json")
	write(t, thoughtless, `{"rules": [{"name": "slow", "fault": {"latency": "5"}}]}`)

	for _, c := range []struct {
		name string
		args []string
		path string // PATH; "" for the usual one
		says []string
	}{
		{"port in use", []string{"--assembly", assembly, "--port", port}, "", []string{"port " + port + " is in use", "--port"}},
		{"no port", []string{"--assembly", assembly, "--port", "70000"}, "", []string{"70000", "1 to 65535"}},
		{"no faults there", []string{"--assembly", assembly, "--faults", filepath.Join(empty, "faults.json")}, "", []string{"faults.json", "no such file"}},
		{"faults that are wrong", []string{"--assembly", assembly, "--faults", thoughtless}, "", []string{thoughtless, "rule 1 (slow): fault.latency", "250ms"}},
		{"no app here", []string{"--app", empty}, "", []string{"cdk.json", "--assembly"}},
		{"no assembly there", []string{"--assembly", empty}, "", []string{"manifest.json", "cdk synth"}},
		{"an app that fails", []string{"--app", failing}, "", []string{"does not synthesize", "nonsense in stack.go:7"}},
		{"a resource that is not supported", []string{"--assembly", unsupported}, "", []string{"Pool", "AWS::RDS::DBInstance"}},
		{"Node missing", []string{"--assembly", assembly}, empty, []string{"node", "install Node.js"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, path, append([]string{"up", "--no-site"}, c.args...)...)
			temp := t.TempDir()
			cmd.Env = append(os.Environ(), "TMPDIR="+temp)
			if c.path != "" {
				cmd.Env = append(cmd.Env, "PATH="+c.path)
			}
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Error("it ended well")
			}
			_, said, _ := strings.Cut(string(out), "roomcast: ")
			for _, part := range c.says {
				if !strings.Contains(said, part) {
					t.Errorf("it does not say %q:\n%s", part, out)
				}
			}
			if strings.Contains(string(out), "goroutine ") {
				t.Errorf("a stack trace is no message:\n%s", out)
			}
			if left, _ := os.ReadDir(temp); len(left) != 0 {
				t.Errorf("temporary files left: %v", left)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// descendants lists the descendants of a process, from /proc.
func descendants(t *testing.T, root int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Fatalf("this test reads the process table from /proc: %v", err)
	}
	childrenOf := map[int][]int{}
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parent, _ := strconv.Atoi(fields[1])
		childrenOf[parent] = append(childrenOf[parent], pid)
	}
	var all []int
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		all = append(all, childrenOf[queue[0]]...)
		queue = append(queue, childrenOf[queue[0]]...)
	}
	return all
}

// alive reports whether a process still runs; one that waits to be reaped by
// init does not.
func alive(pid int) bool {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	return fields[0] != "Z"
}

// Another program reaches the run with what the ready line says, and only with
// that.
func TestUpSaysHowToReachIt(t *testing.T) {
	t.Parallel()
	u := startUp(t, "--assembly", assembly, "--no-site")
	env := u.ready.Environment
	describe := func(secret string) error {
		_, err := dynamodb.New(dynamodb.Options{
			Region: env["AWS_REGION"], BaseEndpoint: aws.String(env["AWS_ENDPOINT_URL"]),
			Credentials: credentials.NewStaticCredentialsProvider(env["AWS_ACCESS_KEY_ID"], secret, ""),
		}).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(u.ready.Outputs["ConnectionTableName"])})
		return err
	}
	if err := describe(env["AWS_SECRET_ACCESS_KEY"]); err != nil {
		t.Error(err)
	}
	if err := describe("another"); err == nil {
		t.Error("a wrong secret was taken")
	}
}
