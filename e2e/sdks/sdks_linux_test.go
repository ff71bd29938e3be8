// Package sdks_test runs programs with the AWS SDK for JavaScript and with
// boto3 against `roomcast up`. They get only the environment that it prints,
// and there is no network except the loopback interface: a call to anywhere
// else fails.
package sdks_test

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/npm"
	"github.com/roomcast/roomcast/roomcasttest"
)

//go:embed package.json package-lock.json probe.mjs
var project embed.FS

// isolatedVariable makes this test binary run a program of JSON (isolated)
// instead of the tests.
const isolatedVariable = "ROOMCAST_TEST_ISOLATED"

// isolated describes a run without a network: `roomcast up`, and a program that
// uses it.
type isolated struct {
	Roomcast, Assembly string
	Program            []string
}

func TestMain(m *testing.M) {
	if text := os.Getenv(isolatedVariable); text != "" {
		if err := runIsolated(text); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestSDKsReachTheRunAndNothingElse(t *testing.T) {
	roomcast := filepath.Join(t.TempDir(), "roomcast")
	if out, err := exec.Command("go", "build", "-o", roomcast, "../../cmd/roomcast").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	assembly, remove, err := roomcasttest.Synth("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	// The engines have to be in the cache before the network is gone.
	if _, err := engines.Install(t.Context(), t.Logf); err != nil {
		t.Fatal(err)
	}
	programs := pythons(t)
	programs["JavaScript"] = javaScript(t)
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			run := isolated{Roomcast: roomcast, Assembly: assembly, Program: program}
			text, err := json.Marshal(run)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0])
			cmd.Env = append(os.Environ(), isolatedVariable+"="+string(text))
			cmd.SysProcAttr = withoutNetwork()
			out, err := cmd.CombinedOutput()
			if errors.Is(err, syscall.EPERM) {
				missing(t, "a network namespace cannot be made: run the tests as root, or allow unprivileged user namespaces")
			}
			if err != nil || strings.TrimSpace(string(out)) != "ok" {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

// missing skips a test that lacks something, and fails it if REQUIRE_SDKS is
// set, as in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("REQUIRE_SDKS") != "" {
		t.Fatal(what)
	}
	t.Skip("not tested: " + what)
}

func javaScript(t *testing.T) []string {
	t.Helper()
	dir, err := npm.Project{
		Name: "sdks", Label: "the AWS SDK for JavaScript", Sources: map[string]fs.FS{".": project},
	}.Ensure(t.Context(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	node, err := npm.FindNode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return []string{node, filepath.Join(dir, "probe.mjs")}
}

// version prints the version of boto3 and where Python is: what is on the PATH
// may be a script that needs more of an environment.
const version = `import boto3, sys; print(boto3.__version__, sys.executable)`

// pythons returns how to run the program with each Python that has boto3: the
// one on the PATH, and that of the system, whose boto3 may be older.
func pythons(t *testing.T) map[string][]string {
	t.Helper()
	script, err := filepath.Abs("probe.py")
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string][]string{}
	for _, candidate := range []string{"python3", "/usr/bin/python3"} {
		out, err := exec.Command(candidate, "-c", version).Output()
		if err != nil {
			continue
		}
		version, path, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
		programs["boto3 "+version] = []string{path, script}
	}
	if len(programs) == 0 {
		missing(t, "boto3 is missing: install it (Debian: apt-get install python3-boto3)")
	}
	return programs
}

// withoutNetwork returns the attributes of a process with its own network
// namespace, which has only a loopback interface that is down.
func withoutNetwork() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return attributes
}

// runIsolated starts `roomcast up` and runs the program with the environment
// that it prints, and no other variable.
func runIsolated(text string) error {
	var run isolated
	if err := json.Unmarshal([]byte(text), &run); err != nil {
		return err
	}
	if err := openLoopback(); err != nil {
		return fmt.Errorf("bring the loopback interface up: %w", err)
	}
	if addresses, err := net.LookupHost("sqs.us-east-1.amazonaws.com"); err == nil {
		return fmt.Errorf("there is a network: sqs.us-east-1.amazonaws.com is %q", addresses)
	}
	up := exec.Command(run.Roomcast, "up", "--json", "--no-site", "--assembly", run.Assembly)
	up.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	var progress strings.Builder
	up.Stderr = &progress
	stdout, err := up.StdoutPipe()
	if err != nil {
		return err
	}
	if err := up.Start(); err != nil {
		return err
	}
	defer func() {
		_ = up.Process.Signal(syscall.SIGTERM)
		_ = up.Wait() // other tests check how it ends
	}()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("roomcast up is not ready: %w: %s", err, progress.String())
	}
	var ready struct{ Outputs, Environment map[string]string }
	if err := json.Unmarshal(line, &ready); err != nil {
		return err
	}
	queue := ready.Outputs["DeadLetterQueueUrl"]
	cmd := exec.Command(run.Program[0], append(run.Program[1:],
		ready.Outputs["ConnectionTableName"], queue, queue[strings.LastIndexByte(queue, '/')+1:], ready.Outputs["AuthSecretArn"])...)
	cmd.Env = []string{}
	for name, value := range ready.Environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var warnings strings.Builder
	cmd.Stderr = &warnings
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w: %s%s; roomcast up printed: %s", err, out, warnings.String(), progress.String())
	}
	fmt.Print(string(out))
	return nil
}

func openLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	loopback, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, loopback); err != nil {
		return err
	}
	loopback.SetUint16(loopback.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, loopback)
}
