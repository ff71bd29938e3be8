package attacks_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// areas lists what is attacked, in the order of docs/reference/attacks.md, by
// test.
var areas = []struct{ test, title string }{
	{"TestForgedTokensOfAProvider", "Tokens of a provider, at the handshake"},
	{"TestForgedTokensOfASecret", "Tokens of a shared secret, at the handshake"},
	{"TestTokensInWrongPlaces", "Where a token comes"},
	{"TestATokenEnds", "A token that ends while its socket lives"},
	{"TestEscapesFromARoom", "Out of one's rooms"},
	{"TestSpoofedUsers", "In another user's name"},
	{"TestReplays", "Replays"},
	{"TestFramesThatAreTooMuch", "Frames that are too large, too deep, or none"},
	{"TestFloods", "Floods"},
	{"TestSlowSockets", "Slow sockets"},
	{"TestStormsOfConnections", "Storms of connections"},
	{"TestForgedCallbacks", "Forged calls of @connections"},
	{"TestInjectionIntoHandshakes", "Injection into headers and queries"},
	{"TestInjectionIntoLogs", "Injection into logs"},
	{"TestManySendersOfOneUser", "Limits under concurrency: messages of a user"},
	{"TestManyConnectionsOfOneAddress", "Limits under concurrency: connections of an address"},
}

// table has the attacks that were tried.
var table ledger

// ledger records what was tried and how it ends. It is safe for concurrent use.
type ledger struct {
	mu   sync.Mutex
	rows map[string][]string // by test
}

// attempt runs an attack as a subtest that asserts the outcome, and records
// both in the table.
func attempt(t *testing.T, what, outcome string, attack func(t *testing.T)) {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	table.enter(test, fmt.Sprintf("| %s | %s |\n", what, outcome))
	t.Run(what, attack)
}

func (l *ledger) enter(test, row string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rows == nil {
		l.rows = map[string][]string{}
	}
	if !slices.Contains(l.rows[test], row) { // -count repeats each
		l.rows[test] = append(l.rows[test], row)
	}
}

// everythingRan reports whether no test was left out, by a flag or for another
// operating system.
func everythingRan() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != f.DefValue {
			return false
		}
	}
	return runtime.GOOS == "linux"
}

// The marks around the tables in the page.
const (
	tableBegins = "<!-- made by go test ./e2e/attacks -update -->\n"
	tableEnds   = "<!-- end -->\n"
)

// compare compares the tables of the page with what was tried, or writes them.
func (l *ledger) compare(page string, write bool) error {
	content, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(content), tableBegins)
	old, after, ended := strings.Cut(rest, tableEnds)
	if !found || !ended {
		return fmt.Errorf("%s has no place for the table: a line %q and a line %q", page, tableBegins, tableEnds)
	}
	tried, err := l.markdown()
	if err != nil || tried == old {
		return err
	}
	if !write {
		return fmt.Errorf("%s differs from the attacks that were tried: run go test ./e2e/attacks -update", page)
	}
	return os.WriteFile(page, []byte(before+tableBegins+tried+tableEnds+after), 0o644)
}

func (l *ledger) markdown() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var text strings.Builder
	total := 0
	for _, area := range areas {
		rows := l.rows[area.test]
		if len(rows) == 0 {
			return "", errors.New("nothing was tried by " + area.test)
		}
		total += len(rows)
		fmt.Fprintf(&text, "\n### %s\n\n`%s`\n\n| tried | outcome |\n|---|---|\n%s", area.title, area.test, strings.Join(rows, ""))
	}
	if len(l.rows) != len(areas) {
		return "", errors.New("a test without an area tried an attack: add the test to areas")
	}
	return fmt.Sprintf("\n%d attempts, some of them controls that have to succeed, each a subtest of the test that is named above its table.\n%s\n", total, text.String()), nil
}
