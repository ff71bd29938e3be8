// Package report writes docs/benchmarks.md from the result files of the
// laboratory.
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/lab/bench/curve"
	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
	"github.com/roomcast/roomcast/internal/lab/results"
)

const head = `# Benchmarks

Figures of the local cloud. [Performance](explanation/performance.md) explains what the benchmarks measure, and [the chaos test](explanation/chaos-test.md) what it attacks. Nothing here has been run on AWS.

Clients, functions, tables and queues share the CPUs of one machine. So compare figures within a run, not with those of other machines.

This page is made of the files in [docs/results](https://github.com/roomcast/roomcast/tree/main/docs/results) by ` + "`make benchmarks`" + `. Each file has its command, date, commit and machine; a command with ` + "`--save FILE`" + ` writes one. ` + "`roomcast-lab`" + ` is short for ` + "`go run ./cmd/roomcast-lab`" + ` in the repository.
`

// section is a part of the page: a heading, and what it says of the files of
// some kinds.
type section struct {
	heading string
	kinds   []string
	write   func(p *page, files []results.File) error
}

var sections = []section{
	{"Start", []string{"bench start"}, (*page).start},
	{"Messages in small rooms", []string{"bench chat"}, (*page).chat},
	{"Fan-out", []string{"bench fanout"}, (*page).fanout},
	{"A noisy neighbour", []string{"bench fanout --noisy-neighbour"}, (*page).neighbour},
	{"Authentication and limits", []string{"bench auth"}, (*page).auth},
	{"Recovery", []string{"bench recovery"}, (*page).recovery},
	{"WebSocket compared with polling", []string{"bench polling"}, (*page).polling},
	{"The local gateway", []string{"bench gateway"}, (*page).gateway},
	{"Go benchmarks", []string{"bench go"}, (*page).gobench},
	{"The chaos test", []string{"torture"}, (*page).chaos},
	{"Deliberate mistakes", []string{"broken"}, (*page).mistakes},
}

// Write writes the page.
func Write(w io.Writer, files []results.File) error {
	p := &page{}
	p.text(head)
	used := map[string]bool{}
	for _, s := range sections {
		var some []results.File
		for _, f := range files {
			if slices.Contains(s.kinds, kind(f)) {
				some = append(some, f)
				used[f.Name] = true
			}
		}
		if len(some) == 0 {
			continue
		}
		p.text("\n## " + s.heading + "\n")
		if err := s.write(p, some); err != nil {
			return err
		}
		p.origins(some)
	}
	for _, f := range files {
		if !used[f.Name] {
			return fmt.Errorf("invalid kind %q of result %s: expected a command that the report knows; add a section for it", f.Kind, f.Name)
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

// kind is the kind of a file. The two results of bench fanout are two kinds.
func kind(f results.File) string {
	if f.Kind == "bench fanout" && strings.Contains(f.Command, "--noisy-neighbour") {
		return f.Kind + " --noisy-neighbour"
	}
	return f.Kind
}

// Curve draws the fan-out of the files. It returns nil without such a file.
func Curve(files []results.File) ([]byte, error) {
	var all *fanout.Result
	for _, f := range files {
		if kind(f) != "bench fanout" {
			continue
		}
		var r fanout.Result
		if err := f.Decode(&r); err != nil {
			return nil, err
		}
		if all == nil {
			all = &r
			continue
		}
		all.Sizes = append(all.Sizes, r.Sizes...)
	}
	if all == nil {
		return nil, nil
	}
	return curve.SVG(*all)
}

// page is the page so far.
type page struct{ bytes.Buffer }

func (p *page) text(text string) { p.WriteString(text) }

// table writes a table. A column whose heading begins with a space is aligned
// to the left, the others to the right.
func (p *page) table(headings []string, rows [][]string) {
	p.text("\n|")
	for _, h := range headings {
		p.text(" " + strings.TrimSpace(h) + " |")
	}
	p.text("\n|")
	for _, h := range headings {
		if strings.HasPrefix(h, " ") {
			p.text("---|")
		} else {
			p.text("--:|")
		}
	}
	p.text("\n")
	for _, row := range rows {
		p.text("| " + strings.Join(row, " | ") + " |\n")
	}
}

// origins says where the figures come from, in one line for each command, day,
// commit and machine.
func (p *page) origins(files []results.File) {
	p.text("\n")
	seen := map[string]bool{}
	for _, f := range files {
		line := fmt.Sprintf("- `%s`: %s, commit %s, %s.", general(f), f.Date, f.Commit, f.Machine)
		if f.Note != "" {
			line += " " + f.Note
		}
		if !seen[line] {
			seen[line] = true
			p.text(line + "\n")
		}
	}
}

// general is a file's command without what differs in a series of runs.
func general(f results.File) string {
	words := strings.Fields(f.Command)
	switch f.Kind {
	case "torture":
		if i := slices.Index(words, "--seed"); i >= 0 && i+1 < len(words) {
			words[i+1] = "N"
		}
	case "broken":
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}
