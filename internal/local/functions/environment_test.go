package functions_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/functions"
)

func environmentOf(t *testing.T, f *functions.Function) map[string]string {
	t.Helper()
	var list []string
	if err := json.Unmarshal(invoke(t, f, `{}`).Payload, &list); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

func TestEnvironmentIsLambdasAndTheFunctionsOwn(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "environment", func(c *functions.Config) {
		c.MemoryMB, c.Endpoint = 256, "http://127.0.0.1:4"
		c.Env = map[string]string{"TABLE": "a=b", "AWS_REGION": "mars-1", "TZ": "Mars", "LANG": "C"}
	})
	got := environmentOf(t, f)
	cred := f.Credentials()
	want := map[string]string{
		"_HANDLER": "environment", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
		"AWS_LAMBDA_FUNCTION_NAME": "Fn", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/Fn", "AWS_ENDPOINT_URL": "http://127.0.0.1:4",
		"AWS_ACCESS_KEY_ID": cred.AccessKeyID, "AWS_SECRET_ACCESS_KEY": cred.SecretAccessKey,
		"AWS_SESSION_TOKEN": cred.SessionToken, "LAMBDA_TASK_ROOT": bootstrapDir, "LAMBDA_RUNTIME_DIR": "/var/runtime",
		"TZ": ":UTC", "LANG": "C", "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin", "TABLE": "a=b",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "GOMAXPROCS": "1",
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s = %q, want %q", name, got[name], value)
		}
	}
	// The runtime client sets the trace id, the sandbox its own two.
	for _, name := range []string{"AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_LOG_STREAM_NAME", "_X_AMZN_TRACE_ID"} {
		if got[name] == "" {
			t.Errorf("%s is not set", name)
		}
		delete(got, name)
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s=%s is set, and Lambda does not set it", name, got[name])
		}
	}
}

func TestCPUsAreThoseOfTheMemory(t *testing.T) {
	t.Parallel()
	for memory, want := range map[int]string{128: "1", 1769: "1", 1770: "2", 10240: "6"} {
		f := newFunction(t, "environment", func(c *functions.Config) { c.MemoryMB = memory })
		if got := environmentOf(t, f)["GOMAXPROCS"]; got != want {
			t.Errorf("with %d MB GOMAXPROCS is %q, want %s", memory, got, want)
		}
	}
	f := newFunction(t, "environment", func(c *functions.Config) { c.Env = map[string]string{"GOMAXPROCS": "3"} })
	if got := environmentOf(t, f)["GOMAXPROCS"]; got != "3" {
		t.Errorf("the function's own GOMAXPROCS is 3, and it gets %q", got)
	}
}

func TestCredentialsAreOfOneFunctionOnly(t *testing.T) {
	t.Parallel()
	a, b := newFunction(t, "echo", nil).Credentials(), newFunction(t, "echo", nil).Credentials()
	if a.AccessKeyID == b.AccessKeyID || a.SecretAccessKey == b.SecretAccessKey || a.SessionToken == b.SessionToken {
		t.Errorf("%v and %v have something in common", a, b)
	}
	if len(a.AccessKeyID) != 20 || !strings.HasPrefix(a.AccessKeyID, "ASIA") || len(a.SecretAccessKey) != 40 {
		t.Errorf("%v does not look like AWS's", a)
	}
}
