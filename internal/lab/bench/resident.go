package bench

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// residentBytes is the resident memory of this process: Linux says it in
// /proc, elsewhere ps does.
func residentBytes() (int64, error) {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			if text, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				return kibibytes(strings.TrimSuffix(strings.TrimSpace(text), " kB"))
			}
		}
	}
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(os.Getpid())).Output()
	if err != nil {
		return 0, fmt.Errorf("bench gateway: resident memory: %w", err)
	}
	return kibibytes(strings.TrimSpace(string(out)))
}

func kibibytes(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("bench gateway: resident memory: %w", err)
	}
	return n << 10, nil
}
