package functions

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Logging is a function's LoggingConfig, as far as the function can observe it.
type Logging struct {
	// JSON makes the runtime write log lines as JSON objects. Programs of custom
	// runtimes write what they like.
	JSON bool
	// Level is the lowest level of application logs in JSON, such as "INFO".
	// Runtimes apply it; for custom runtimes Lambda drops lines below it. Default:
	// all lines are kept.
	Level string
	// SystemLevel is the lowest level of Lambda's own lines in JSON. Default: INFO.
	SystemLevel string
	// Group is the name of the log group. Default: /aws/lambda/<name>.
	Group string
	// Denied is set if the function's role may not write to the log group. As on
	// AWS, no line is kept or metered.
	Denied bool
}

// levels are the levels of application logs, the most detailed first.
var levels = []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// filtered reports whether Lambda drops a line of a custom runtime's program by its
// JSON member level. Without it the level is INFO.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
func (l Logging) filtered(line string) bool {
	least := slices.Index(levels, strings.ToUpper(l.Level))
	if !l.JSON || least <= 0 {
		return false
	}
	var of struct{ Level string }
	_ = json.Unmarshal([]byte(line), &of) // lines that are not JSON have no level
	level := slices.Index(levels, strings.ToUpper(of.Level))
	if level < 0 {
		level = slices.Index(levels, "INFO")
	}
	return level < least
}

// writeOutput passes on a line of the function's output, unless its level is too
// low.
func (f *Function) writeOutput(line string) {
	if !IsNode(f.config.Runtime) && f.config.Logging.filtered(line) {
		return
	}
	f.writeLog(line)
}

// writeLog passes on a line about the function.
func (f *Function) writeLog(line string) {
	if f.config.Logging.Denied {
		return
	}
	f.config.Meter.Log(f.config.Label, len(line))
	f.config.Logs(f.config.Name, line)
}

// log writes a line about the function that Lambda would write too.
func (f *Function) log(format string, args ...any) { f.writeLog(fmt.Sprintf(format, args...)) }

// platformBytes returns the size of Lambda's own lines about an invocation: START,
// END and REPORT. They are billed and so metered. They are not shown: with an
// invocation for each message they would hide the functions' own lines.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
func (l Logging) platformBytes(memoryMB int, r Result) int {
	if l.Denied {
		return 0
	}
	duration, init := milliseconds(r.Duration), milliseconds(r.InitDuration)
	billed := int(math.Ceil(duration + init))
	if l.JSON {
		return l.platformJSON(memoryMB, r, duration, init, billed)
	}
	lines := fmt.Sprintf("START RequestId: %s Version: $LATEST\nEND RequestId: %s\n", r.RequestID, r.RequestID) +
		fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\tMax Memory Used: %d MB\t",
			r.RequestID, duration, billed, memoryMB, memoryMB)
	if init > 0 {
		lines += fmt.Sprintf("Init Duration: %.2f ms\t", init)
	}
	return len(lines)
}

func (l Logging) platformJSON(memoryMB int, r Result, duration, init float64, billed int) int {
	status, first, quiet := "success", "", strings.ToUpper(l.SystemLevel) == "WARN"
	if r.FunctionError != "" {
		status = "error"
	}
	if quiet && status == "success" {
		return 0
	}
	if init > 0 {
		first = fmt.Sprintf(`,"initDurationMs":%.3f`, init)
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	start := fmt.Sprintf(`{"time":%q,"type":"platform.start","record":{"requestId":%q,"version":"$LATEST"}}`, now, r.RequestID)
	if quiet { // only the report of a failed invocation is a warning
		start = ""
	}
	lines := start +
		fmt.Sprintf(`{"time":%q,"type":"platform.report","record":{"requestId":%q,"metrics":{"durationMs":%.3f,"billedDurationMs":%d,"memorySizeMB":%d,"maxMemoryUsedMB":%d%s},"status":%q}}`,
			now, r.RequestID, duration, billed, memoryMB, memoryMB, first, status)
	return len(lines)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
