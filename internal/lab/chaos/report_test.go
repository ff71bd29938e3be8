package chaos

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	t.Parallel()
	schedule := NewSchedule(5, time.Minute)
	met, unmet := Quota{Name: Kills, Need: 10, Got: 10, Met: true}, Quota{Name: Dropped, Need: 100, Got: 99}
	below := good()
	below.JoinAnswers = append(below.JoinAnswers, JoinAnswer{Device: "b.1", Room: "lobby", Seq: 3, Gaps: []int64{2, 3}}, JoinAnswer{Device: "c.1", Room: "lobby", Seq: 3, Gaps: []int64{3}})
	broken := good()
	broken.Inboxes["bob"] = Inbox{}
	for _, c := range []struct {
		name   string
		result Result
		err    string // what is in the error, "" for none
	}{
		{"all is well", Result{History: good(), Quotas: []Quota{met}}, ""},
		{"a violation", Result{History: broken, Quotas: []Quota{met, unmet}}, "1 violations; the same schedule again: --seed 5"},
		{"two messages below joins", Result{History: below, Quotas: []Quota{met}}, "3 violations"},
		{"a quota is not met", Result{History: good(), Quotas: []Quota{met, unmet}}, "too little went wrong to mean anything: droppedSockets 99 of 100"},
		{"no rest", Result{History: good(), Quotas: []Quota{met}, Unfinished: "1 jobs are in the queue"}, "did not come to rest: 1 jobs are in the queue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			report := NewReport(schedule, &c.result)
			err := report.Err()
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("the error is %v, want %q", err, c.err)
			}
			data, err := json.Marshal(report)
			if err != nil {
				t.Fatal(err)
			}
			var line map[string]any
			if err := json.Unmarshal(data, &line); err != nil {
				t.Fatal(err)
			}
			if want := map[string]int{"two messages below joins": 2}[c.name]; report.Observed[Lost] != want {
				t.Errorf("%d messages are lost, want %d", report.Observed[Lost], want)
			}
			if _, isList := line["violations"].([]any); !isList || line["seed"] != 5.0 || line["seconds"] != 60.0 || line["clients"] != 38.0 {
				t.Errorf("the line is %s", data)
			}
		})
	}
}

// Of very many violations of one kind the report shows some and counts the rest.
func TestReportForPeople(t *testing.T) {
	t.Parallel()
	r := Report{Seed: 5, Injected: map[string]int{Kills: 3}, Quotas: []Quota{{Name: Kills, Need: 4, Got: 3}}}
	for n := range violationsShown + 7 {
		r.Violations = append(r.Violations, Violation{Kind: Missing, What: fmt.Sprint("one ", n)})
	}
	r.Violations = append(r.Violations, Violation{Kind: Ghost, What: "a ghost"})
	var b strings.Builder
	r.Write(&b)
	for _, want := range []string{"kills 3\n", "kills: 3 of 4, NOT MET", "missing: one 9\n", "7 more of missing", "a ghost", "18 violations"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "one 10") {
		t.Errorf("it says too much:\n%s", b.String())
	}
}
