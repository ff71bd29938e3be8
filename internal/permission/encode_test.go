package permission

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	p := Permissions{Rules: Rules{Rooms: Patterns{"team-*"}}, Deny: Rules{Send: Patterns{"<news>"}}}
	data, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Parse(data); err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("got %s, which reads %+v, %v", data, again, err)
	}
	for name, bad := range map[string]Patterns{
		"an empty pattern": {""}, "a long pattern": {strings.Repeat("a", 130)},
		"too much": slices.Repeat(Patterns{strings.Repeat("a", 128)}, 17),
	} {
		if data, err := Encode(Permissions{Deny: Rules{Join: bad}}); err == nil {
			t.Errorf("%s: got %s", name, data)
		}
	}
}

// Encode accepts everything that Parse accepts, however names look in JSON.
func TestEncodeTakesNoMoreRoom(t *testing.T) {
	t.Parallel()
	claim := `{"rooms":["` + strings.Repeat("<&>", 42) + `"],"join":["` + strings.Repeat("R&D", 42) + `"],"send":[` +
		strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("&", 120)+`",`, 13), ",") + `]}`
	p, err := Parse([]byte(claim))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := Encode(p); err != nil || len(data) != len(claim) {
		t.Errorf("%d bytes became %d, %v", len(claim), len(data), err)
	}
}

func TestEncodeRefusesWhatIsNoUnicode(t *testing.T) {
	t.Parallel()
	for _, p := range []Permissions{
		{Rules: Rules{Notify: Patterns{"a\xff"}}}, {Deny: Rules{Rooms: Patterns{"\xed\xa0\x80"}}},
	} {
		if _, err := Encode(p); err == nil || !strings.Contains(err.Error(), "well-formed Unicode") {
			t.Errorf("%+v: got %v", p, err)
		}
	}
}
