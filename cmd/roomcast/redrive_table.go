package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/roomcast/roomcast/internal/redrive"
)

// redriveTable prints the jobs of a dead-letter queue: a line for each job, and
// below it one for each connection.
type redriveTable struct {
	out  io.Writer
	rows *tabwriter.Writer
	sent bool // whether it was done, or would be
	any  bool
}

func newRedriveTable(out io.Writer, sent bool) *redriveTable {
	return &redriveTable{out: out, rows: tabwriter.NewWriter(out, 0, 0, 2, ' ', 0), sent: sent}
}

func (t *redriveTable) add(r redrive.Report) error {
	if !t.any {
		fmt.Fprintln(t.rows, "JOB\tRECEIVES\tAGE\tCAUSE\tWHAT")
		t.any = true
	}
	fmt.Fprintf(t.rows, "%s\t%d\t%v\t%s\t%s\n", subject(r), r.Receives,
		time.Duration(r.AgeSeconds)*time.Second, dash(r.Cause), t.action(r))
	for _, c := range r.Connections {
		verdict := "skipped"
		if c.Verdict == redrive.Pending {
			verdict = t.tense("sent", "would be sent")
		}
		fmt.Fprintf(t.rows, "  %s (%s)\t\t\t\t%s: %s\n", c.ConnectionID, c.UserID, verdict, c.Why)
	}
	return nil
}

// end prints the table and a summary.
func (t *redriveTable) end(s redrive.Summary) {
	_ = t.rows.Flush()
	if !t.any {
		fmt.Fprintln(t.out, "There is nothing in the dead-letter queue.")
		return
	}
	fmt.Fprintf(t.out, "\n%s: %s %s for %s, %s without pending recipients %s", count(s.Jobs, "message"),
		count(s.Sent, "job"), t.tense("queued again", "would be queued again"), count(s.Pending, "connection"),
		count(s.Deleted, "job"), t.tense("removed", "would be removed"))
	if s.Unknown > 0 {
		fmt.Fprintf(t.out, ", %d left because it is not a job: look at what wrote it", s.Unknown)
	}
	if s.Unclear > 0 {
		fmt.Fprintf(t.out, ", %d left because its recipients could not be determined", s.Unclear)
	}
	fmt.Fprintln(t.out, ".")
	if !t.sent && s.Sent+s.Deleted > 0 {
		fmt.Fprintln(t.out, "Nothing was changed. To do it, run the same command with --send.")
	}
}

func (t *redriveTable) action(r redrive.Report) string {
	switch r.Action {
	case redrive.Send:
		pending := 0
		for _, c := range r.Connections {
			if c.Verdict == redrive.Pending {
				pending++
			}
		}
		return fmt.Sprintf("%s to %d of %s", t.tense("sent", "would be sent"), pending, count(len(r.Connections), "connection"))
	case redrive.Delete:
		return t.tense("removed", "would be removed") + ": no pending recipients"
	default:
		if r.Body == "" {
			return "left: " + r.Problem
		}
		const most = 100
		return fmt.Sprintf("left: %s: %.*q", r.Problem, most, r.Body)
	}
}

func (t *redriveTable) tense(done, would string) string {
	if t.sent {
		return done
	}
	return would
}

// subject names what a job delivers.
func subject(r redrive.Report) string {
	switch {
	case r.NotificationID != "":
		return "notification " + r.NotificationID
	case r.FirstSeq != 0:
		return fmt.Sprintf("room %s, seq %d to %d", r.RoomID, r.FirstSeq, r.Seq)
	case r.RoomID != "":
		return fmt.Sprintf("room %s, seq %d", r.RoomID, r.Seq)
	}
	return "message " + r.MessageID
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
