package chaos

import (
	"testing"
)

// withReads is the good history with a watcher who asks who is in the lobby every
// three seconds from second 100 on. Dee left without a word in second 60, and
// Eli has been there since second 40.
func withReads(users func(second int) []string) *History {
	h := good()
	g := &Guest{Name: "watcher", User: "watcher", Until: at(200)}
	for second := 100; second < 130; second += 3 {
		g.Asked = append(g.Asked, Asked{Action: "presence", Room: "lobby", At: at(second), Answered: at(second + 1), Type: "presence", Users: users(second)})
	}
	h.Guests = []*Guest{g}
	h.Connections["D"] = &Connection{ID: "D", User: "dee", Opened: at(0), Closed: at(60), Entered: []string{"lobby"}}
	h.Connections["E"] = &Connection{ID: "E", User: "eli", Opened: at(40), Entered: []string{"lobby"}, Stays: []Stay{{Room: "lobby", From: at(61)}}}
	return h
}

func TestRolls(t *testing.T) {
	t.Parallel()
	within := func(second, from, to int) bool { return second >= from && second <= to }
	for name, c := range map[string]struct {
		want   Violation
		users  func(second int) []string
		change func(*History)
	}{
		"as it is": {users: func(int) []string { return []string{"eli"} }},
		"a ghost":  {want: Violation{Kind: Ghost, Room: "lobby", Client: "dee"}, users: func(int) []string { return []string{"dee", "eli"} }},
		"a ghost for a moment": {users: func(s int) []string {
			return map[bool][]string{true: {"dee", "eli"}, false: {"eli"}}[within(s, 109, 112)]
		}},
		"one who has just gone":  {users: func(s int) []string { return []string{"dee", "eli"} }, change: func(h *History) { h.Connections["D"].Closed = at(125) }},
		"one with a second line": {users: func(s int) []string { return []string{"dee", "eli"} }, change: func(h *History) { h.Connections["D2"] = &Connection{User: "dee", Entered: []string{"lobby"}} }},
		"a member overlooked":    {want: Violation{Kind: Overlooked, Room: "lobby", Client: "eli"}, users: func(int) []string { return nil }},
		"one for a moment":       {users: func(s int) []string { return map[bool][]string{true: {}, false: {"eli"}}[within(s, 109, 112)] }},
		"one who has just come":  {users: func(int) []string { return nil }, change: func(h *History) { h.Connections["E"].Stays[0].From = at(115) }},
		"a guest, who never pings": {users: func(int) []string { return nil }, change: func(h *History) {
			h.Guests = append(h.Guests, &Guest{User: "eli"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := withReads(c.users)
			if c.change != nil {
				c.change(h)
			}
			found := Check(h)
			if c.want.Kind == "" && len(found) == 0 {
				return
			}
			for _, v := range found {
				v.What = ""
				if v == c.want {
					return
				}
			}
			t.Errorf("found %+v, want %+v", found, c.want)
		})
	}
}
