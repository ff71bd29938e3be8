package permission

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAllow(t *testing.T) {
	t.Parallel()
	const doc = `{"rooms":["lobby","team-*"],"send":["news"],"history":["archive*"],"notify":["bob","dev-*"],
		"deny":{"rooms":["team-secret*"],"send":["lobby"],"notify":["dev-ceo"]}}`
	p, err := Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		action Action
		name   string
		want   bool
	}{
		{Join, "lobby", true}, {History, "lobby", true}, {Send, "lobby", false},
		{Join, "team-", true}, {Send, "team-a", true}, {Join, "Team-a", false}, {Join, "tea", false},
		{Join, "team-secret", false}, {History, "team-secret-1", false},
		{Send, "news", true}, {Join, "news", false}, {History, "news", false},
		{History, "archive1", true}, {Join, "archive1", false},
		{Notify, "bob", true}, {Notify, "bo", false}, {Notify, "dev-a", true}, {Notify, "dev-ceo", false},
		{Notify, "lobby", false}, {Join, "bob", false}, {"", "lobby", false}, {"rooms", "lobby", false},
	}
	for _, test := range tests {
		if got := p.Allow(test.action, test.name); got != test.want {
			t.Errorf("%s %q: got %v, want %v", test.action, test.name, got, test.want)
		}
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	if d := Default(); !d.Allow(Join, "any") || !d.Allow(Send, "any") || !d.Allow(History, "any") || d.Allow(Notify, "bob") {
		t.Errorf("default: %+v", d)
	}
	if e := Everything(); !e.Allow(Send, "any") || !e.Allow(Notify, "bob") {
		t.Errorf("everything: %+v", e)
	}
	var none Permissions
	if none.Allow(Join, "any") || none.Allow(Notify, "any") {
		t.Error("the zero value permits something")
	}
	// A star in the middle is an ordinary character.
	if p := (Permissions{Rules: Rules{Rooms: Patterns{"a*b"}}}); p.Allow(Join, "axb") || !p.Allow(Join, "a*b") {
		t.Error("a star in the middle of a pattern counts")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"half of a pair": `{"rooms":["team-\ud800"]}`, "a name of half a pair": `{"\udc00":["a"]}`, "no UTF-8": "{\"deny\":{\"rooms\":[\"\xff\"]}}",
		"nothing": ``, "null": `null`, "list": `["*"]`, "text": `"*"`, "unknown field": `{"room":["*"]}`,
		"misspelled denial": `{"rooms":["*"],"deny":{"snd":["lobby"]}}`, "deny in deny": `{"deny":{"deny":{}}}`,
		"two denials": `{"rooms":["*"],"deny":{"send":["a"]},"deny":{"send":["b"]}}`, "another case": `{"rooms":["*"],"Deny":{"send":["a"]}}`,
		"a list twice": `{"deny":{"send":["a"],"send":["b"]}}`, "another case within": `{"deny":{"SEND":["a"]}}`,
		"no list": `{"rooms":"*"}`, "no text": `{"rooms":[1]}`, "empty pattern": `{"rooms":[""]}`,
		"long pattern": `{"rooms":["` + strings.Repeat("a", 130) + `"]}`, "two objects": `{}{}`,
		"too large": `{"rooms":["` + strings.Repeat(`a","`, MaxBytes/4) + `b"]}`,
	} {
		if p, err := Parse([]byte(doc)); err == nil {
			t.Errorf("%s: accepted as %+v", name, p)
		}
	}
}

// FuzzParse reads any input: accepted permissions survive encoding and parsing,
// and denials deny.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"rooms":["lobby","team-*"],"deny":{"send":["*"]}}`), "lobby")
	f.Add([]byte(`{"notify":["*"],"deny":{"notify":["bob"]}}`), "bob")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		out, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(out)
		if err != nil && len(out) <= MaxBytes {
			t.Fatalf("%s is written as %s, which is refused: %v", data, out, err)
		}
		for _, a := range []Action{Join, Send, History, Notify} {
			if p.Deny.hold(a, name) && p.Allow(a, name) {
				t.Errorf("%s %q is denied and allowed by %s", a, name, data)
			}
			if err == nil && p.Allow(a, name) != again.Allow(a, name) {
				t.Errorf("%s %q: %s and %s differ", a, name, data, out)
			}
		}
	})
}
