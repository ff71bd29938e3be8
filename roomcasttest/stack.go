package roomcasttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/synth"
)

// Synth synthesizes the CDK app whose cdk.json lies in dir, with functions
// built for this machine, and returns the folder of its cloud assembly. Call
// remove when the tests are over. It takes seconds: do it once, in TestMain.
func Synth(dir string) (assembly string, remove func(), err error) {
	out, err := os.MkdirTemp("", "roomcasttest-")
	if err != nil {
		return "", nil, err
	}
	err = synth.Run(context.Background(), synth.Options{Dir: dir, Out: out, Context: synth.HostContext()})
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(out))
	}
	return out, func() { _ = os.RemoveAll(out) }, nil
}

// Stack is a cloud assembly that runs on this machine until its test ends.
type Stack struct {
	cloud *local.Cloud

	mu   sync.Mutex
	logs []string
}

// Run starts the cloud assembly in a folder: cdk.out, or what Synth made. The
// stack ends with the test; when the test has failed, what the functions
// printed is in its log. Each call starts a stack of its own.
func Run(t testing.TB, assembly string) *Stack {
	t.Helper()
	s := &Stack{}
	// Not the test's context: that ends before the cleanup that closes.
	cloud, err := local.Start(context.Background(), local.Options{Assembly: assembly, Logs: s.log, Progress: t.Logf})
	if err != nil {
		t.Fatalf("roomcasttest: run %s: %v", assembly, err)
	}
	s.cloud = cloud
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Errorf("roomcasttest: close the stack: %v", err)
		}
		if t.Failed() {
			for _, line := range s.Logs() {
				t.Log(line)
			}
		}
	})
	return s
}

func (s *Stack) log(function, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, fmt.Sprintf("%s | %s", function, line))
}

// Logs returns what the functions have printed so far, a line each, prefixed
// by the function's name.
func (s *Stack) Logs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.logs...)
}

// WebSocketURL is the URL of the first WebSocket API's stage.
func (s *Stack) WebSocketURL() string { return s.cloud.APIs()[0].WebSocketURL }

// CallbackURL is the URL below which the first API's @connections lies.
func (s *Stack) CallbackURL() string { return s.cloud.APIs()[0].CallbackURL }

// Output is the value of a stack output, such as "ConnectionTableName".
func (s *Stack) Output(name string) string { return s.cloud.Outputs()[name] }

// Endpoint is the URL at which an AWS SDK reaches the stack's DynamoDB and
// SQS (AWS_ENDPOINT_URL).
func (s *Stack) Endpoint() string { return s.cloud.Endpoint() }
