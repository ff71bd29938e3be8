package permission

import (
	"reflect"
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
		"too much where it is written": {strings.Repeat("<", 120), strings.Repeat("<", 120), strings.Repeat("<", 120)},
	} {
		if data, err := Encode(Permissions{Deny: Rules{Join: bad}}); err == nil {
			t.Errorf("%s: got %s", name, data)
		}
	}
}
