// Package results reads and writes the results of the laboratory: each file
// holds what one command measured, on which machine, when, and of which commit.
package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// File is the result of one run of a command.
type File struct {
	// Kind is the command without its flags, such as "bench chat".
	Kind string `json:"kind"`
	// Command is the command with its flags, as it is typed in the repository.
	Command string `json:"command"`
	// Date is the day of the run, as 2026-11-28.
	Date string `json:"date"`
	// Commit is the commit that was measured. It ends in "+" if files differed.
	Commit string `json:"commit"`
	// Machine describes the machine.
	Machine string `json:"machine"`
	// Note is what a reader has to know beyond that; "" for nothing.
	Note string `json:"note,omitempty"`
	// Result is what the command prints with --json.
	Result json.RawMessage `json:"result"`

	// Name is the name of the file without its extension. It is not stored.
	Name string `json:"-"`
}

// New returns the file of a result that was measured just now, in this
// repository and on this machine.
func New(kind, command string, result any) (File, error) {
	data, err := json.Marshal(result)
	if err != nil {
		return File{}, err
	}
	return File{
		Kind: kind, Command: command, Date: time.Now().UTC().Format(time.DateOnly), Commit: commit(), Machine: machine(), Result: data,
	}, nil
}

// Save writes a file.
func (f File) Save(path string) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// Decode reads the result into a value.
func (f File) Decode(result any) error {
	if err := json.Unmarshal(f.Result, result); err != nil {
		return fmt.Errorf("result %s: %w", f.Name, err)
	}
	return nil
}

// Load reads all files of a folder, in the order of their names.
func Load(dir string) ([]File, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	var files []File
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f := File{Name: strings.TrimSuffix(filepath.Base(path), ".json")}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&f); err != nil {
			return nil, fmt.Errorf("result file %s: %w", path, err)
		}
		if f.Kind == "" || f.Command == "" || f.Date == "" || f.Commit == "" || f.Machine == "" || len(f.Result) == 0 {
			return nil, fmt.Errorf("invalid result file %q: expected kind, command, date, commit, machine and result; write it with --save", path)
		}
		files = append(files, f)
	}
	return files, nil
}

// commit returns the commit of the working directory, "unknown" outside of a
// repository.
func commit() string {
	head, err := exec.Command("git", "rev-parse", "--short=7", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(head))
	// Results do not count: a series of runs adds one after another.
	changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs").Output()
	if err != nil || len(bytes.TrimSpace(changed)) > 0 {
		return name + "+"
	}
	return name
}

// machine describes this machine, without its name.
func machine() string {
	return fmt.Sprintf("%d CPUs, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}
