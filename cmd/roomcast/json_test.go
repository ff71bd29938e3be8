package main

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/redrive"
	"github.com/roomcast/roomcast/roomcasttest/usage"
)

var update = flag.Bool("update", false, "accept the JSON of the commands as it is now")

// TestJSONOfCommands keeps the names and types of what commands print as JSON,
// and of what a run answers about its usage: programs read them.
func TestJSONOfCommands(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, of := range []struct {
		name  string
		value any
	}{
		{"roomcast up --json", ready{}},
		{"roomcast redrive --json", redrive.Report{}},
		{"GET /_roomcast/usage", usage.Snapshot{}},
	} {
		got.WriteString("# " + of.name + "\n")
		describeJSON(&got, reflect.TypeOf(of.value), "")
		got.WriteString("\n")
	}
	const golden = "testdata/json.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the JSON of the commands differs from %s:\n%s\nif that is intended, run `make golden` and add a line to CHANGELOG.md", golden, got.String())
	}
}

// describeJSON writes a line for each member of the JSON of a type.
func describeJSON(out *strings.Builder, t reflect.Type, path string) {
	switch t.Kind() {
	case reflect.Pointer:
		describeJSON(out, t.Elem(), path)
	case reflect.Slice:
		describeJSON(out, t.Elem(), path+"[]")
	case reflect.Map:
		describeJSON(out, t.Elem(), path+".*")
	case reflect.Struct:
		if t.PkgPath() == "time" {
			out.WriteString(path + " time\n")
			return
		}
		for field := range t.Fields() {
			tag := field.Tag.Get("json")
			if !field.IsExported() || tag == "-" {
				continue
			}
			name, options, _ := strings.Cut(tag, ",")
			if field.Anonymous && name == "" {
				describeJSON(out, field.Type, path)
				continue
			}
			if name == "" {
				name = field.Name
			}
			optional := ""
			if strings.Contains(options, "omit") {
				optional = "?"
			}
			describeJSON(out, field.Type, path+"."+name+optional)
		}
	default:
		out.WriteString(path + " " + t.Kind().String() + "\n")
	}
}
