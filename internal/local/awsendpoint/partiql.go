package awsendpoint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// token matches the next token of a PartiQL statement: white space or a comment
// (both skipped), a quoted name, a string, a word, a number, or any other
// character.
var token = regexp.MustCompile(`(?s)^(?:(\s+|--[^\n]*|/\*.*?\*/)|"((?:[^"]|"")+)"|'((?:[^']|'')*)'|([A-Za-z_$][\w$]*)|(-?[0-9][0-9.eE+-]*)|(.))`)

// piece is a token. Its kind is 'n' for a quoted name, 't' for a string, 'w' for a
// word, '0' for a number, or the character itself.
type piece struct {
	kind byte
	text string
}

// pieces splits a statement into tokens.
func pieces(statement string) []piece {
	var all []piece
	for statement != "" {
		m := token.FindStringSubmatch(statement)
		if m == nil {
			return nil // invalid character
		}
		statement = statement[len(m[0]):]
		switch {
		case m[1] != "":
		case m[2] != "":
			all = append(all, piece{'n', strings.ReplaceAll(m[2], `""`, `"`)})
		case m[0][0] == '\'' && len(m[0]) > 1:
			all = append(all, piece{'t', strings.ReplaceAll(m[3], `''`, `'`)})
		case m[4] != "":
			all = append(all, piece{'w', m[4]})
		case m[5] != "":
			all = append(all, piece{'0', m[5]})
		default:
			all = append(all, piece{m[6][0], m[6]})
		}
	}
	return all
}

// is reports whether a piece is a keyword, ignoring case.
func (p piece) is(keyword string) bool { return p.kind == 'w' && strings.EqualFold(p.text, keyword) }

// isName reports whether a piece can name a table or an attribute.
func (p piece) isName() bool { return p.kind == 'n' || p.kind == 'w' }

// isOpen reports whether a piece begins something that this package cannot read: an
// unterminated string, or an Ion literal, which may contain quotes.
func (p piece) isOpen() bool { return p.kind == '"' || p.kind == '\'' || p.kind == '`' }

// statement is what a PartiQL statement concerns.
type statement struct {
	verb, table, index string
	rest               []piece // what follows the table
}

// parseStatement parses a statement. It reports false if DynamoDB would refuse it.
func parseStatement(text string) (statement, bool) {
	all := pieces(text)
	if len(all) > 2 && all[0].is("exists") && all[1].kind == '(' { // in a transaction
		all = all[2:]
	}
	if len(all) < 2 || slices.ContainsFunc(all, piece.isOpen) {
		return statement{}, false
	}
	s := statement{}
	at := 1
	switch first := all[0]; {
	case first.is("update"):
		s.verb = "Update"
	case first.is("insert") && all[1].is("into"):
		s.verb, at = "Insert", 2
	case first.is("delete") && all[1].is("from"):
		s.verb, at = "Delete", 2
	case first.is("select"):
		s.verb = "Select"
		for at < len(all) && !all[at].is("from") {
			at++
		}
		at++
	default:
		return s, false
	}
	if at >= len(all) || !all[at].isName() {
		return s, false
	}
	s.table, at = tableOf(all, at)
	if at+1 < len(all) && all[at].kind == '.' && all[at+1].isName() {
		s.index, at = all[at+1].text, at+2
	}
	s.rest = all[min(at, len(all)):]
	for _, p := range s.rest {
		if p.is("select") || p.is("from") || p.is("join") { // DynamoDB has neither joins nor subqueries
			return s, false
		}
	}
	return s, tableName.MatchString(s.table) && (s.index == "" || tableName.MatchString(s.index))
}

// tableOf reads a table's name. Without quotes it may contain hyphens.
func tableOf(all []piece, at int) (name string, next int) {
	name, next = all[at].text, at+1
	for all[at].kind == 'w' && next+1 < len(all) && all[next].kind == '-' && (all[next+1].kind == 'w' || all[next+1].kind == '0') {
		name, next = name+"-"+all[next+1].text, next+2
	}
	return name, next
}

// keys are the values of the partition key that a statement names: an attribute
// that equals a value or is in a list of them (in a condition), or has one (in
// an item to insert). A value may be a parameter.
func (s statement) keys(partition string, parameters []attribute) []string {
	values := make([][]string, len(s.rest)) // of each piece that is a value
	used := 0
	for i, p := range s.rest {
		switch {
		case p.kind == 't' || p.kind == '0':
			values[i] = []string{p.text}
		case p.kind == '?':
			if used < len(parameters) {
				values[i] = leadingKeys(partition, item{partition: parameters[used]})
			}
			used++
		}
	}
	var keys []string
	for i, p := range s.rest {
		if partition == "" || p.text != partition || p.kind != 't' && !p.isName() {
			continue
		}
		if i >= 2 && s.rest[i-1].kind == '=' && p.isName() {
			keys = append(keys, values[i-2]...)
		}
		if i+2 >= len(s.rest) {
			continue
		}
		next := s.rest[i+1]
		switch {
		case p.kind == 't' && next.kind == ':' || p.isName() && next.kind == '=':
			keys = append(keys, values[i+2]...)
		case p.isName() && next.is("in"):
			for at := i + 2; at < len(s.rest) && s.rest[at].kind != ']' && s.rest[at].kind != ')'; at++ {
				keys = append(keys, values[at]...)
			}
		}
	}
	return keys
}

// describeStatements is for the PartiQL operations: each statement takes the
// permission of its verb on its table.
func (ep *Endpoint) describeStatements(c *call) *refusal {
	type written struct {
		Statement  string
		Parameters []attribute
	}
	var d struct {
		written
		Statements, TransactStatements []written
	}
	if e := c.read(&d); e != nil {
		return e
	}
	all := map[string][]written{
		"ExecuteStatement": {d.written}, "BatchExecuteStatement": d.Statements, "ExecuteTransaction": d.TransactStatements,
	}[c.operation]
	for i, w := range all {
		s, ok := parseStatement(w.Statement)
		if !ok {
			return validation("Statement wasn't well formed, can't be processed: statement " + strconv.Itoa(i+1) +
				": expected SELECT, INSERT INTO, UPDATE or DELETE FROM with one table")
		}
		context := iam.Context{}
		addLeadingKeys(context, s.keys(ep.config.PartitionKey(s.table, s.index), w.Parameters))
		if e := ep.needTable(c, "PartiQL"+s.verb, s.table, s.index, context); e != nil {
			return e
		}
	}
	return nil
}
