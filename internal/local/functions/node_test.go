package functions_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/npm"
)

var findNode = sync.OnceValues(func() (string, error) { return npm.FindNode(context.Background()) })

// newNode makes a function of testdata/node.
func newNode(t testing.TB, handler string, change func(*functions.Config)) *functions.Function {
	t.Helper()
	node, err := findNode()
	if err != nil {
		t.Fatal(err)
	}
	return newFunction(t, handler, func(c *functions.Config) {
		c.Dir, c.Runtime, c.Node = "testdata/node", "nodejs22.x", node
		if change != nil {
			change(c)
		}
	})
}

func TestNodeHandlers(t *testing.T) {
	t.Parallel()
	tests := []struct{ handler, want string }{
		{"index.echo", `{"a":"ä"}`},
		{"index.sync", `null`},
		{"index.nested.deeper.handler", `"found"`},
		{"index.callback", `{"a":"ä"}`},
		{"index.callbackWaits", `{"waited":true}`},
		{"index.callbackHurries", `"at once"`},
		{"index.succeed", `"old style"`},
		{"index.twice", `"first"`},
		{"dir/file.handler", `"found"`},
		{"./dir/file.handler", `"found"`},
		{"dir/esm.handler", `"esm.mjs"`},
		{"dir/common.handler", `"cjs"`},
		{"module/index.handler", `"undefined"`},
	}
	for _, tt := range tests {
		t.Run(tt.handler, func(t *testing.T) {
			t.Parallel()
			f := newNode(t, tt.handler, nil)
			for i := range 2 {
				r := invoke(t, f, `{"a":"ä"}`)
				if string(r.Payload) != tt.want || r.FunctionError != "" {
					t.Errorf("result %s %q, want %s", r.Payload, r.FunctionError, tt.want)
				}
				if cold := r.InitDuration > 0; cold != (i == 0) {
					t.Errorf("invocation %d took a new sandbox: %t", i+1, cold)
				}
			}
		})
	}
}

func TestNodeFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		handler, errorType, message string
		lives                       bool // the same sandbox takes the next invocation
	}{
		{"index.fail", "Custom", "no luck", true},
		{"index.failSync", "Custom", "no luck", true},
		{"index.failText", "string", "just text", true},
		{"index.callbackError", "RangeError", "no luck", true},
		{"index.circular", "Error", "Unable to stringify response body", true},
		{"index.unsettled", "Runtime.NodeJsExit", "The Lambda runtime client detected an unexpected Node.js exit code", true},
		{"index.large", "Function.ResponseSizeTooLarge", "Response payload size exceeded", true},
		{"index.unhandled", "Runtime.UnhandledPromiseRejection", "Custom: left alone", false},
		{"index.uncaught", "Custom", "from a timer", false},
		{"index.exit", "Runtime.ExitError", "RequestId: ID Error: Runtime exited with error: exit status 3", false},
		{"index.none", "Runtime.HandlerNotFound", "index.none is undefined or not exported", false},
		{"index.text", "Runtime.HandlerNotFound", "index.text is not a function", false},
		{"index", "Runtime.MalformedHandlerName", "Bad handler", false},
		{"../node/index.echo", "Runtime.MalformedHandlerName", "is not a valid handler name", false},
		{"nowhere.handler", "Runtime.ImportModuleError", "Cannot find module 'nowhere'", false},
		{"broken/syntax.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected end of input", false},
		{"broken/missing.handler", "Runtime.ImportModuleError", "Cannot find module '@aws-sdk/client-none'", false},
		{"broken/missing-module.handler", "Error", "Cannot find package '@aws-sdk/client-none'", false},
		{"broken/throws.handler", "TypeError", "while loading", false},
		{"broken/rejects.handler", "Runtime.UnhandledPromiseRejection", "TypeError: while loading", false},
	}
	for _, tt := range tests {
		t.Run(tt.handler, func(t *testing.T) {
			t.Parallel()
			f := newNode(t, tt.handler, nil)
			cold := 0
			for range 2 {
				r := invoke(t, f, `{}`)
				if r.InitDuration > 0 {
					cold++
				}
				var got struct {
					ErrorType, ErrorMessage string
					Trace                   []string
				}
				if err := json.Unmarshal(r.Payload, &got); err != nil {
					t.Fatalf("result %s: %v", r.Payload, err)
				}
				want := strings.ReplaceAll(tt.message, "ID", r.RequestID)
				if r.FunctionError != "Unhandled" || got.ErrorType != tt.errorType || !strings.Contains(got.ErrorMessage, want) {
					t.Errorf("result %.300s %q, want %s: %s", r.Payload, r.FunctionError, tt.errorType, want)
				}
				if tt.errorType == "Custom" && (len(got.Trace) < 2 || got.Trace[0] != "Custom: "+tt.message) {
					t.Errorf("trace %q", got.Trace)
				}
			}
			if tt.lives != (cold == 1) {
				t.Errorf("%d sandboxes came to work", cold)
			}
		})
	}
}

func TestNodeTimeout(t *testing.T) {
	t.Parallel()
	f := newNode(t, "index.sleep", func(c *functions.Config) { c.Timeout = 300 * time.Millisecond })
	r := invoke(t, f, `5000`)
	if want := "Task timed out after 0.30 seconds"; !strings.Contains(string(r.Payload), want) {
		t.Errorf("result %s, want %s", r.Payload, want)
	}
	if r := invoke(t, f, `1`); r.FunctionError != "" {
		t.Errorf("the next invocation: %s", r.Payload)
	}
}

func TestNodeContext(t *testing.T) {
	t.Parallel()
	f := newNode(t, "index.context", func(c *functions.Config) { c.MemoryMB, c.Timeout = 256, 5*time.Second })
	r := invoke(t, f, `{}`)
	var got map[string]any
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"awsRequestId": r.RequestID, "functionName": "Fn", "functionVersion": "$LATEST", "memoryLimitInMB": "256",
		"invokedFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:Fn", "logGroupName": "/aws/lambda/Fn",
		"callbackWaitsForEmptyEventLoop": true,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if left, _ := got["left"].(float64); left < 3000 || left > 5000 {
		t.Errorf("%v ms are left of 5 s", left)
	}
	if trace, _ := got["trace"].(string); !strings.HasPrefix(trace, "Root=1-") {
		t.Errorf("trace id %q", trace)
	}
	if dir, _ := got["dir"].(string); !strings.HasSuffix(dir, filepath.FromSlash("testdata/node")) {
		t.Errorf("folder %q", dir)
	}
}

func TestNodeEnvironment(t *testing.T) {
	t.Parallel()
	f := newNode(t, "index.environment", func(c *functions.Config) { c.Env = map[string]string{"TABLE": "t"} })
	var got map[string]string
	if err := json.Unmarshal(invoke(t, f, `{}`).Payload, &got); err != nil {
		t.Fatal(err)
	}
	if got["TABLE"] != "t" || got["AWS_EXECUTION_ENV"] != "AWS_Lambda_nodejs22.x" || got["_HANDLER"] != "index.environment" {
		t.Errorf("environment %v", got)
	}
	for _, name := range []string{"HOME", "USER", "NODE_OPTIONS", "GOPATH"} {
		if value, ok := got[name]; ok {
			t.Errorf("%s=%s is the host's", name, value)
		}
	}
}

func TestNodeLogs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		logging functions.Logging
		want    []string // one line each; ID stands for the request ID
	}{
		{"text", functions.Logging{}, []string{
			"\tID\tINFO\tan object {\"a\":1}\rand a line", "\tID\tDEBUG\tquiet", "\tID\tERROR\tCustom: seen\r    at ", "plain",
		}},
		{"json", functions.Logging{JSON: true, Level: "INFO"}, []string{
			`"level":"INFO","requestId":"ID","message":"an object {\"a\":1}\nand a line"}`,
			`"level":"ERROR","requestId":"ID","message":{"errorType":"Custom","errorMessage":"seen","stackTrace":["Custom: seen",`, "plain",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var l logs
			f := newNode(t, "index.log", func(c *functions.Config) { c.Logs, c.Logging = l.add, tt.logging })
			r := invoke(t, f, `{}`)
			time.Sleep(50 * time.Millisecond) // output is passed on separately
			_ = f.Close()
			lines := l.all()
			if len(lines) != len(tt.want) {
				t.Fatalf("lines %q", lines)
			}
			for i, want := range tt.want {
				if want = strings.ReplaceAll(want, "ID", r.RequestID); !strings.Contains(lines[i], want) {
					t.Errorf("line %q, want in it %q", lines[i], want)
				}
			}
		})
	}
}

// Failures that no caller sees are in the log.
func TestNodeErrorsAreLogged(t *testing.T) {
	t.Parallel()
	for handler, want := range map[string]string{
		"index.fail":                    "\tERROR\tInvoke Error \t{\"errorType\":\"Custom\",\"errorMessage\":\"no luck\"",
		"index.unhandled":               "\tERROR\tUnhandled Promise Rejection \t{\"errorType\":\"Runtime.UnhandledPromiseRejection\"",
		"broken/throws.handler":         "\tERROR\tUncaught Exception \t{\"errorType\":\"TypeError\"",
		"broken/missing.handler":        "\tWARN\tLambda's nodejs runtime brings the AWS SDK along",
		"broken/missing-module.handler": "\tWARN\tLambda's nodejs runtime brings the AWS SDK along",
	} {
		t.Run(handler, func(t *testing.T) {
			t.Parallel()
			var l logs
			f := newNode(t, handler, func(c *functions.Config) { c.Logs = l.add })
			invoke(t, f, `{}`)
			_ = f.Close()
			if lines := strings.Join(l.all(), "\n"); !strings.Contains(lines, want) {
				t.Errorf("the log lacks %q:\n%s", want, lines)
			}
		})
	}
}

func TestNodeLeavesNoFile(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	f := newNode(t, "index.pid", nil)
	pid := invoke(t, f, `{}`)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	gone(t, string(pid.Payload))
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNodeIsMissing(t *testing.T) {
	t.Parallel()
	_, err := functions.New(functions.Config{Name: "Fn", Dir: "testdata/node", Runtime: "nodejs22.x"})
	if err == nil || !strings.Contains(err.Error(), "missing Node for a nodejs runtime") {
		t.Errorf("error %v", err)
	}
}
