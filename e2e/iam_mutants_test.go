package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/settings"
)

// stackTemplate is the template of Roomcast's own stack.
type stackTemplate struct {
	assembly string // the folder that it is in
	name     string // of the file
	body     object
}

// mutant is a template from which something is missing.
type mutant struct {
	name string // what is missing
	drop func(*stackTemplate)
	// function is whose policy it is missing in, "" if in no function's.
	function string
}

// control is the mutant from which nothing is missing.
var control = mutant{name: "nothing", drop: func(*stackTemplate) {}}

// functionOf returns the construct path of the function that has a policy,
// without slashes.
func functionOf(policy string) string {
	function, _, _ := strings.Cut(policy, "RoleDefaultPolicy")
	return function
}

// readTemplate reads the template of an assembly, and lowers the size from which on a
// room is delivered through the queue, that of a shard, that of an inbox, and
// how many connections a user and members a room may have.
func readTemplate(t *testing.T, assembly string) *stackTemplate {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(assembly, "*.template.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("templates in the assembly: %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	s := &stackTemplate{assembly: assembly, name: filepath.Base(files[0])}
	if err := json.Unmarshal(data, &s.body); err != nil {
		t.Fatal(err)
	}
	low := map[string]int{
		settings.DirectLimit: directLimit, settings.ShardSize: shardSize, settings.InboxLimit: inboxLimit,
		settings.ConnectionsPerUser: userLimit, settings.MembersPerRoom: roomLimit,
	}
	lowered := map[string]bool{}
	for _, r := range s.resources() {
		properties, _ := r.(object)["Properties"].(object)
		// By Lambda's lines about each invocation it is known who may log.
		if logging, ok := properties["LoggingConfig"].(object); ok {
			logging["SystemLogLevel"] = "INFO"
		}
		environment, _ := properties["Environment"].(object)
		variables, _ := environment["Variables"].(object)
		for name, limit := range low {
			if _, ok := variables[name]; ok {
				variables[name] = fmt.Sprint(limit)
				lowered[name] = true
			}
		}
	}
	if len(lowered) != len(low) {
		t.Fatalf("functions have only %v of %v", lowered, low)
	}
	return s
}

func (s *stackTemplate) resources() object { return s.body["Resources"].(object) }

// policies are the logical ids of the policies, sorted.
func (s *stackTemplate) policies() []string { return s.of("AWS::IAM::Policy") }

// of returns the logical ids of the resources of a type, sorted.
func (s *stackTemplate) of(kind string) []string {
	var ids []string
	for id, r := range s.resources() {
		if r.(object)["Type"] == kind {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (s *stackTemplate) document(policy string) object {
	return s.resources()[policy].(object)["Properties"].(object)["PolicyDocument"].(object)
}

func (s *stackTemplate) statements(policy string) []any {
	return s.document(policy)["Statement"].([]any)
}

// withoutStatements returns a mutant for every statement of every policy, but for
// those that withoutElements takes apart, since what needs a part needs the
// whole, and those about logs.
func (s *stackTemplate) withoutStatements() []mutant {
	var all []mutant
	for _, id := range s.policies() {
		for i, statement := range s.statements(id) {
			if len(elements(statement)) > 0 || aboutLogs(statement) {
				continue
			}
			name := fmt.Sprintf("%v of %s", statement.(object)["Action"], id)
			all = append(all, mutant{name: name, function: functionOf(id), drop: func(s *stackTemplate) {
				s.document(id)["Statement"] = slices.Delete(s.statements(id), i, i+1)
			}})
		}
	}
	return all
}

// withoutElements returns a mutant for every action, and for every resource,
// of the statements that have several.
func (s *stackTemplate) withoutElements() []mutant {
	var all []mutant
	for _, id := range s.policies() {
		for i, statement := range s.statements(id) {
			for _, e := range elements(statement) {
				all = append(all, mutant{name: e.name + " of " + id, function: functionOf(id), drop: func(s *stackTemplate) {
					changed := s.statements(id)[i].(object)
					changed[e.part] = slices.Delete(changed[e.part].([]any), e.n, e.n+1)
				}})
			}
		}
	}
	return all
}

// element is one of several actions, or of several resources, of a statement.
type element struct {
	name string
	part string // of the statement: Action or Resource
	n    int    // of the part
}

// elements are those of a statement, none if it has one of each or is about logs.
func elements(statement any) []element {
	if aboutLogs(statement) {
		return nil
	}
	var all []element
	for _, part := range []string{"Action", "Resource"} {
		several, _ := statement.(object)[part].([]any)
		for n, value := range several {
			name, isText := value.(string)
			if !isText {
				name = fmt.Sprintf("resource %d of %v", n+1, statement.(object)["Action"])
			}
			all = append(all, element{name, part, n})
		}
	}
	return all
}
