package functions_test

import (
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// The program of a custom runtime writes any lines, and Lambda drops those below
// the level.
func TestLevelsOfABootstrap(t *testing.T) {
	t.Parallel()
	const all = "trace DEBUG info WARN Error fatal unknown plain"
	for _, test := range []struct {
		name    string
		logging functions.Logging
		want    string
	}{
		{"text", functions.Logging{Level: "ERROR"}, all},
		{"no level", functions.Logging{JSON: true}, all},
		{"trace", functions.Logging{JSON: true, Level: "TRACE"}, all},
		{"info", functions.Logging{JSON: true, Level: "INFO"}, "info WARN Error fatal unknown plain"},
		{"warn", functions.Logging{JSON: true, Level: "WARN"}, "WARN Error fatal"},
		{"fatal", functions.Logging{JSON: true, Level: "fatal"}, "fatal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var l logs
			f := newFunction(t, "levels", func(c *functions.Config) { c.Logs, c.Logging = l.add, test.logging })
			invoke(t, f, `{}`)
			_ = f.Close() // after it, no line is missing
			var got []string
			for _, line := range l.all() {
				line = strings.TrimSuffix(strings.TrimSpace(line[strings.Index(line, ": ")+2:]), `"}`)
				got = append(got, line[strings.LastIndex(line, `"`)+1:])
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("logged %q, want %q", got, test.want)
			}
		})
	}
}

// TestSystemLogsOfLevelWarn: of an invocation that succeeds Lambda writes
// nothing then, of one that fails its report.
func TestSystemLogsOfLevelWarn(t *testing.T) {
	t.Parallel()
	for handler, writes := range map[string]bool{"echo": false, "fail": true} {
		meter := usage.New()
		f := newFunction(t, handler, func(c *functions.Config) {
			c.Meter, c.Logging = meter, functions.Logging{JSON: true, SystemLevel: "WARN"}
		})
		invoke(t, f, `{}`)
		_ = f.Close()
		if bytes := meter.Snapshot().Logs.Bytes; bytes > 0 != writes || bytes > 400 {
			t.Errorf("%s: counted %d bytes of logs", handler, bytes)
		}
	}
}
