package roomcasttest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/local/faults"
)

// Stack is a cloud assembly that runs on this machine until its test ends. Its
// methods may be called from any goroutine, except those that take a testing.TB:
// they may fail the test, so call them from the test's goroutine.
type Stack struct {
	cloud    *local.Cloud
	injector *faults.Injector

	mu   sync.Mutex
	logs []logLine
}

type logLine struct{ name, text string }

func (l logLine) String() string { return fmt.Sprintf("%s | %s", l.name, l.text) }

// Run starts the stack of a folder: a CDK app, which has a cdk.json, or a cloud
// assembly, which has a manifest.json (cdk.out). An app is synthesized once for all
// tests of the process, and once more for each other context, with functions built
// for this machine. Its assembly is removed when the process ends.
//
// Each call starts a stack of its own, which ends with the test. If the test fails,
// its log has what the functions logged.
func Run(t testing.TB, dir string, options ...Option) *Stack {
	t.Helper()
	s := &Stack{}
	conf := config{
		local:  local.Options{Logs: s.log, Progress: t.Logf},
		script: faults.Script{Seed: faults.DefaultSeed},
	}
	for _, option := range options {
		option(&conf)
	}
	var err error
	if conf.local.Assembly, err = assemblyOf(dir, conf.context); err != nil {
		t.Fatalf("roomcasttest: run %s: %v", dir, err)
	}
	if conf.provider {
		if err := mustAcceptProvider(conf.local.Assembly); err != nil {
			t.Fatalf("roomcasttest: run %s: %v", dir, err)
		}
	}
	if s.injector, err = conf.injector(); err != nil {
		t.Fatalf("roomcasttest: run %s: %v", dir, err)
	}
	conf.local.Faults = s.injector
	begin := time.Now()
	// Not the test's context: that ends before the cleanup that closes.
	if s.cloud, err = local.Start(context.Background(), conf.local); err != nil {
		t.Fatalf("roomcasttest: run %s: %v", dir, err)
	}
	t.Logf("roomcasttest: ready in %.2f s", time.Since(begin).Seconds())
	t.Cleanup(func() { s.end(t) })
	for _, r := range s.injector.Unmatched(s.Functions()) {
		t.Fatalf("roomcasttest: fault file: rule %q: no function matches match.function %q; the functions are %s", r.Name, r.Function, listed(s.Functions()))
	}
	return s
}

func (s *Stack) end(t testing.TB) {
	if err := s.cloud.Close(); err != nil {
		t.Errorf("roomcasttest: close the stack: %v", err)
	}
	if !t.Failed() {
		return
	}
	for _, line := range s.Logs() {
		t.Log(line)
	}
	for _, c := range s.Faults() {
		t.Logf("fault %s: injected into %d of %d calls", c.Rule, c.Injected, c.Matched)
	}
}

func (s *Stack) log(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, logLine{name, text})
}

// Logs returns what the functions have logged so far, one line each, after the
// function's name. Messages of the local cloud about APIs and functions are among
// them.
func (s *Stack) Logs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := make([]string, len(s.logs))
	for i, line := range s.logs {
		lines[i] = line.String()
	}
	return lines
}

// LogsOf returns what a function has logged so far, without its name. The function
// is named as in [Stack.Functions], such as "Chat/Messages".
func (s *Stack) LogsOf(function string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, line := range s.logs {
		if line.name == function {
			lines = append(lines, line.text)
		}
	}
	return lines
}

// Functions returns the names of the stack's functions, as in logs, usage and
// faults.
func (s *Stack) Functions() []string { return s.cloud.Functions() }

// WebSocketURL is the URL of the first WebSocket API's stage.
func (s *Stack) WebSocketURL() string { return s.cloud.APIs()[0].WebSocketURL }

// CallbackURL is the URL below which the first API's @connections lies.
func (s *Stack) CallbackURL() string { return s.cloud.APIs()[0].CallbackURL }

// Output is the value of a stack output, such as "ConnectionTableName".
func (s *Stack) Output(name string) string { return s.cloud.Outputs()[name] }

// Endpoint is the URL of the stack's DynamoDB, SQS, Secrets Manager and SSM
// (AWS_ENDPOINT_URL). Requests must be signed, as with [Stack.Config].
func (s *Stack) Endpoint() string { return s.cloud.Endpoint() }

// Config configures an AWS SDK for the same services, as an administrator. A client
// of @connections also needs CallbackURL as its base endpoint. Its calls are counted
// in Usage and affected by faults, like those of a function.
func (s *Stack) Config() aws.Config {
	admin := s.cloud.Credentials()
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(s.cloud.Endpoint()),
		Credentials:  credentials.NewStaticCredentialsProvider(admin.AccessKeyID, admin.SecretAccessKey, admin.SessionToken),
	}
}

// api is the first API, or the one with a logical id.
func (s *Stack) api(t testing.TB, logicalID string) local.API {
	t.Helper()
	var names []string
	for _, api := range s.cloud.APIs() {
		if logicalID == "" || api.LogicalID == logicalID {
			return api
		}
		names = append(names, api.LogicalID)
	}
	t.Fatalf("roomcasttest: there is no WebSocket API %q in the stack, only %s", logicalID, listed(names))
	return local.API{}
}

// Eventually waits until a condition is true, and fails the test after 30 seconds.
// what describes the condition. Use it for what happens asynchronously: a
// $disconnect, or a queue that is processed.
func Eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(timeout); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Errorf("roomcasttest: not within %v: %s", timeout, what)
}

// listed joins names for an error.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
