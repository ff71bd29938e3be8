package fanout

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Function is what the processes of one function have used.
type Function struct {
	// Handler names it: broadcast, sendmessage and so on.
	Handler string `json:"handler"`
	// Processes is how many there are.
	Processes int `json:"processes"`
	// CPU is the processor time of all of them, in milliseconds.
	CPU float64 `json:"cpuMs"`
	// PeakBytes is the most memory that one of them ever had resident.
	PeakBytes int64 `json:"peakResidentBytes"`
}

// functionsOf reads from /proc what the processes of functions have used that
// this process has started. It returns nothing on a system without /proc.
func functionsOf(parent int) []Function {
	status, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return nil
	}
	byHandler := map[string]*Function{}
	for _, path := range status {
		dir := filepath.Dir(path)
		fields := statusFields(path)
		if fields["PPid"] != strconv.Itoa(parent) {
			continue
		}
		handler := environment(dir, "_HANDLER")
		if handler == "" {
			continue
		}
		f := byHandler[handler]
		if f == nil {
			f = &Function{Handler: handler}
			byHandler[handler] = f
		}
		f.Processes++
		f.CPU += float64(threadsCPU(dir)) / float64(time.Millisecond)
		peak, _ := strconv.ParseInt(strings.TrimSuffix(fields["VmHWM"], " kB"), 10, 64)
		f.PeakBytes = max(f.PeakBytes, peak<<10)
	}
	var all []Function
	for _, f := range byHandler {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Function) int { return cmp.Compare(a.Handler, b.Handler) })
	return all
}

// statusFields reads a file of lines like "PPid:	1".
func statusFields(path string) map[string]string {
	fields := map[string]string{}
	data, err := os.ReadFile(path)
	if err != nil {
		return fields // the process has ended
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		fields[name] = strings.TrimSpace(value)
	}
	return fields
}

// environment returns a variable of a process, "" when it has none.
func environment(dir, name string) string {
	data, err := os.ReadFile(filepath.Join(dir, "environ"))
	if err != nil {
		return ""
	}
	for variable := range strings.SplitSeq(string(data), "\x00") {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// threadsCPU adds up the processor time of a process's threads, which the
// kernel tells to the nanosecond. A Go program hardly ever ends a thread.
func threadsCPU(dir string) time.Duration {
	files, err := filepath.Glob(filepath.Join(dir, "task", "*", "schedstat"))
	if err != nil {
		return 0
	}
	var sum time.Duration
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		var ran int64
		if _, err := fmt.Sscan(string(data), &ran); err == nil {
			sum += time.Duration(ran)
		}
	}
	return sum
}

// since returns what was used after an earlier moment. A peak is not a difference.
func since(now, before []Function) []Function {
	var used []Function
	for _, f := range now {
		if i := slices.IndexFunc(before, func(b Function) bool { return b.Handler == f.Handler }); i >= 0 {
			f.CPU -= before[i].CPU
		}
		if f.CPU > 0 {
			used = append(used, f)
		}
	}
	return used
}
