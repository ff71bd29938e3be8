package gateway

import (
	"strings"
	"testing"
)

func TestSelectionKey(t *testing.T) {
	t.Parallel()
	// The message of AWS's own examples, and more.
	const message = `{"service":"chat","action":"join","data":{"room":"room1234","list":["item1","item2",3]},
		"number":1.0,"big":12345678901234567890,"yes":true,"none":null,"a-b":"hyphen","a b":"space","":"empty"}`
	tests := []struct{ expression, want string }{
		{`$request.body.action`, "join"},
		{`${request.body.action}`, "join"},
		{`${request.body.service}/${request.body.action}`, "chat/join"},
		{`${request.body.action}-${request.body.invalidPath}`, "join-"},
		{`action`, "action"},
		{`\$default`, "$default"},
		{`$request.body.data.room`, "room1234"},
		{`$request.body.data.room.deeper`, ""},
		{`$request.body.data.list`, "[item1, item2, 3]"},
		{`$request.body.data.list[1]`, "item2"},
		{`$request.body.data.list[9]`, ""},
		{`$request.body.data.list.name`, ""},
		{`$request.body.data[0]`, ""},
		{`${request.body['action']}`, "join"},
		{`${request.body["a b"]}`, "space"},
		{`${request.body.a-b}`, "hyphen"},
		{`$request.body.a-b`, "hyphen"},
		{`$request.body.service/$request.body.action`, "chat/join"},
		{`v1.${request.body.action}.x`, "v1.join.x"},
		{`$request.body.number`, "1.0"},
		{`$request.body.big`, "12345678901234567890"},
		{`$request.body.yes`, "true"},
		{`$request.body.none`, ""},
		{`$request.body.data.list[2]`, "3"},
	}
	for _, tt := range tests {
		t.Run(tt.expression, func(t *testing.T) {
			t.Parallel()
			sel, err := parseSelection(tt.expression)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := sel.key([]byte(message)); !ok || got != tt.want {
				t.Errorf("key %q, %v, want %q", got, ok, tt.want)
			}
		})
	}
}

func TestSelectionOfATopLevelArray(t *testing.T) {
	t.Parallel()
	sel, err := parseSelection("$request.body[2]")
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := sel.key([]byte(`[2,"id","StatusNotification",{}]`)); !ok || got != "StatusNotification" {
		t.Errorf("key %q, %v", got, ok)
	}
}

func TestMessagesThatAreNotJSON(t *testing.T) {
	t.Parallel()
	sel, err := parseSelection("$request.body.action")
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range []string{"", "join", "{", `{"action":"join"}}`, `{"action":"join"} {}`, "{'action':'join'}"} {
		if key, ok := sel.key([]byte(message)); ok {
			t.Errorf("%q is taken for JSON, key %q", message, key)
		}
	}
}

func TestParseSelectionRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ expression, want string }{
		{"", "expected an expression such as"},
		{"$", `invalid variable "": expected request.body`},
		{"${request.body.a", "unclosed brace"},
		{"$request.header.x", "expected request.body and a path"},
		{"$request.bodyx", "expected the rest of a path"},
		{"$request.body.", "expected a name"},
		{"$request.body..a", "expected a name"},
		{"$request.body.*", "wildcards are not supported"},
		{"${request.body['']}", "expected a name"},
		{"$request.body[0", "unclosed bracket"},
		{"$request.body[-1]", "invalid [-1]: expected an index or a quoted name"},
		{"$request.body[x]", "expected an index or a quoted name"},
		{"$request.body[?(@.a)]", "expected an index or a quoted name"},
	}
	for _, tt := range tests {
		if _, err := parseSelection(tt.expression); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want one with %q", tt.expression, err, tt.want)
		}
	}
}
