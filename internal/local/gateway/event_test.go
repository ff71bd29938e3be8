package gateway

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

var update = flag.Bool("update", false, "rewrite the golden events in testdata")

// The golden events hold "any …" where a value differs from run to run.
func TestEvents(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 10)
	api := start(t,
		Route{Key: "$connect", Target: records(seen)},
		Route{Key: "say", Target: records(seen)},
		Route{Key: "$disconnect", Target: records(seen)})
	c, _, err := api.dial(t, "?userId=ada&tag=a&tag=b%20c", http.Header{"User-Agent": {"test/1"}, "X-Custom": {"one", "two"}})
	if err != nil {
		t.Fatal(err)
	}
	connect := receive(t, seen)
	write(t, c, `{"action":"say","text":"hé"}`)
	message := receive(t, seen)
	if err := c.Close(4001, "bye"); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"connect": connect, "message": message, "disconnect": receive(t, seen)} {
		checkGolden(t, name, raw)
		var parsed events.APIGatewayWebsocketProxyRequest
		if err := json.Unmarshal([]byte(raw), &parsed); err != nil {
			t.Errorf("%s: aws-lambda-go cannot read it: %v", name, err)
		}
		rc := contextOf(t, raw)
		if rc.ConnectionID != contextOf(t, connect).ConnectionID || rc.ConnectedAt != contextOf(t, connect).ConnectedAt {
			t.Errorf("%s: connectionId or connectedAt differ from those of $connect", name)
		}
		if age := time.Since(time.UnixMilli(rc.RequestTimeEpoch)); age < 0 || age > testTimeout {
			t.Errorf("%s: requestTimeEpoch is %v ago", name, age)
		}
		if !strings.HasSuffix(rc.RequestTime, " +0000") || rc.RequestID != rc.ExtendedRequestID || !isID(rc.RequestID) {
			t.Errorf("%s: requestTime %q, requestId %q, extendedRequestId %q", name, rc.RequestTime, rc.RequestID, rc.ExtendedRequestID)
		}
	}
}

func TestStageVariables(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 2)
	api := startWith(t, Config{StageVariables: map[string]string{"region": "eu"}},
		Route{Key: "$connect", Target: records(seen)}, Route{Key: "$default", Target: records(seen)})
	write(t, api.connect(t), "hello")
	for range 2 {
		var e events.APIGatewayWebsocketProxyRequest
		if raw := receive(t, seen); json.Unmarshal([]byte(raw), &e) != nil || e.StageVariables["region"] != "eu" {
			t.Errorf("event %s", raw)
		}
	}
}

// checkGolden compares an event with testdata/<name>.json.
func checkGolden(t *testing.T, name, raw string) {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal([]byte(raw), &e); err != nil {
		t.Fatal(err)
	}
	mask := func(in any, keys ...string) {
		m, _ := in.(map[string]any)
		for _, key := range keys {
			if _, ok := m[key]; ok {
				m[key] = "any " + key
			}
		}
	}
	mask(e["requestContext"], "requestId", "extendedRequestId", "messageId", "connectionId", "connectedAt", "requestTime", "requestTimeEpoch")
	mask(e["headers"], "Sec-WebSocket-Key", "X-Amzn-Trace-Id")
	mask(e["multiValueHeaders"], "Sec-WebSocket-Key", "X-Amzn-Trace-Id")
	got, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got)+"\n" {
		t.Errorf("%s event is\n%s\nwant\n%s", name, got, want)
	}
}
