package functions

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Logging is a function's LoggingConfig, as far as its own code notices it.
type Logging struct {
	// JSON is told to the runtime: it writes log lines as JSON objects. The
	// program of a custom runtime writes whatever it likes.
	JSON bool
	// Level is the least level of application logs in JSON, such as "INFO". The
	// runtime keeps to it; of custom runtimes Lambda leaves out what is below it.
	// Default: all are written.
	Level string
	// SystemLevel is the least level of Lambda's own lines in JSON. Default:
	// INFO.
	SystemLevel string
	// Group is the name of the log group. Default: /aws/lambda/<name>.
	Group string
	// Denied says that the function's role may not write to the log group:
	// nothing is kept or counted, as on AWS.
	Denied bool
}

// levels are those of application logs, the most detailed first.
var levels = []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// filtered reports whether Lambda leaves out a line that the program of a custom
// runtime wrote: by its member level, in JSON. A line without one is INFO.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
func (l Logging) filtered(line string) bool {
	least := slices.Index(levels, strings.ToUpper(l.Level))
	if !l.JSON || least <= 0 {
		return false
	}
	var of struct{ Level string }
	_ = json.Unmarshal([]byte(line), &of) // what is no JSON has no level
	level := slices.Index(levels, strings.ToUpper(of.Level))
	if level < 0 {
		level = slices.Index(levels, "INFO")
	}
	return level < least
}

// writeOutput hands on a line of the function's output, unless its level is too
// low.
func (f *Function) writeOutput(line string) {
	if !IsNode(f.config.Runtime) && f.config.Logging.filtered(line) {
		return
	}
	f.writeLog(line)
}

// writeLog hands on a line about the function.
func (f *Function) writeLog(line string) {
	if f.config.Logging.Denied {
		return
	}
	f.config.Meter.Log(f.config.Label, len(line))
	f.config.Logs(f.config.Name, line)
}

// log writes a line about the function, one that Lambda would write too.
func (f *Function) log(format string, args ...any) { f.writeLog(fmt.Sprintf(format, args...)) }

// platformBytes is the size of the lines that Lambda itself writes about an
// invocation: START, END and REPORT. They are billed, so they are counted, but
// they are not shown: with an invocation to each message they would hide what
// the functions say.
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
	if quiet { // of an invocation that failed, only the report is a warning
		start = ""
	}
	lines := start +
		fmt.Sprintf(`{"time":%q,"type":"platform.report","record":{"requestId":%q,"metrics":{"durationMs":%.3f,"billedDurationMs":%d,"memorySizeMB":%d,"maxMemoryUsedMB":%d%s},"status":%q}}`,
			now, r.RequestID, duration, billed, memoryMB, memoryMB, first, status)
	return len(lines)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
