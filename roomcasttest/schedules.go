package roomcasttest

import "testing"

// FireSchedule invokes the targets of an EventBridge rule now, so that a test need
// not wait for the schedule, and returns when they have finished. Failures of the
// functions are in the logs only, as on AWS. The rule is named by the stack output
// that holds its ARN or name, by its logical id, as `roomcast up` lists it, or by
// its own name.
func (s *Stack) FireSchedule(t testing.TB, rule string) {
	t.Helper()
	output := s.Output(rule)
	var names []string
	for _, known := range s.cloud.Schedules() {
		switch rule {
		case known.Name, known.LogicalID, known.Label, known.ARN:
			output = known.ARN
		}
		if output == known.ARN || output == known.Name {
			if err := s.cloud.FireSchedule(t.Context(), known.ARN); err != nil {
				t.Fatalf("roomcasttest: fire %s: %v", rule, err)
			}
			return
		}
		names = append(names, known.Label)
	}
	t.Fatalf("roomcasttest: there is no rule %q with a schedule in the stack, only %s", rule, listed(names))
}
