package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A selection is a parsed route selection expression: literals and variables whose
// values make up a route key.
type selection []part

// A part is a literal or, if isVariable, a path into the message's body.
type part struct {
	text       string
	path       []step
	isVariable bool
}

// A step goes one level down in a JSON value: to a member by name, or to an element
// if isIndex.
type step struct {
	name    string
	index   int
	isIndex bool
}

// parseSelection parses what AWS documents: static text, $request.body.x with or
// without braces, and "\$" for a dollar sign. Of JSONPath it supports names and
// indices (.a, ['a'], [0]), but no wildcards, slices or filters.
func parseSelection(expression string) (selection, error) {
	if expression == "" {
		return nil, errors.New("expected an expression such as $request.body.action")
	}
	var sel selection
	literal := func(text string) {
		if n := len(sel); n > 0 && !sel[n-1].isVariable {
			sel[n-1].text += text
			return
		}
		sel = append(sel, part{text: text})
	}
	for rest := expression; rest != ""; {
		switch {
		case strings.HasPrefix(rest, `\$`):
			literal("$")
			rest = rest[2:]
		case rest[0] != '$':
			literal(rest[:1])
			rest = rest[1:]
		default:
			variable, after, err := cutVariable(rest)
			if err != nil {
				return nil, err
			}
			path, err := parsePath(variable)
			if err != nil {
				return nil, err
			}
			sel = append(sel, part{path: path, isVariable: true})
			rest = after
		}
	}
	return sel, nil
}

// cutVariable splits s, which starts with a dollar sign, into the variable's name
// without sign and braces, and the rest.
func cutVariable(s string) (variable, rest string, err error) {
	if strings.HasPrefix(s, "${") {
		variable, rest, ok := strings.Cut(s[2:], "}")
		if !ok {
			return "", "", errors.New("unclosed brace")
		}
		return variable, rest, nil
	}
	end := strings.IndexAny(s[1:], `/$\{} `)
	if end < 0 {
		return s[1:], "", nil
	}
	return s[1 : 1+end], s[1+end:], nil
}

// parsePath converts "request.body.a[0]" into the steps a and 0.
func parsePath(variable string) ([]step, error) {
	rest, ok := strings.CutPrefix(variable, "request.body")
	if !ok {
		return nil, fmt.Errorf("invalid variable %q: expected request.body and a path", variable)
	}
	var path []step
	for rest != "" {
		var next step
		var err error
		switch rest[0] {
		case '.':
			next, rest = cutName(rest[1:])
		case '[':
			next, rest, err = cutBracket(rest[1:])
		default:
			err = fmt.Errorf("invalid %q: expected the rest of a path", rest)
		}
		if err == nil && !next.isIndex && (next.name == "" || next.name == "*") {
			err = errors.New("expected a name; wildcards are not supported")
		}
		if err != nil {
			return nil, fmt.Errorf("variable %q: %w", variable, err)
		}
		path = append(path, next)
	}
	return path, nil
}

// cutName cuts a member's name off the front of s.
func cutName(s string) (step, string) {
	end := strings.IndexAny(s, ".[")
	if end < 0 {
		end = len(s)
	}
	return step{name: s[:end]}, s[end:]
}

// cutBracket cuts an index or a quoted name, and the closing bracket, off the front
// of s.
func cutBracket(s string) (step, string, error) {
	inner, rest, ok := strings.Cut(s, "]")
	if !ok {
		return step{}, "", errors.New("unclosed bracket")
	}
	if n := len(inner); n >= 2 && (inner[0] == '\'' || inner[0] == '"') && inner[n-1] == inner[0] {
		return step{name: inner[1 : n-1]}, rest, nil
	}
	index, err := strconv.Atoi(inner)
	if err != nil || index < 0 {
		return step{}, "", fmt.Errorf("invalid [%s]: expected an index or a quoted name", inner)
	}
	return step{index: index, isIndex: true}, rest, nil
}

// key evaluates the expression for a message. ok is false if the message is not
// JSON, which AWS always sends to $default.
func (s selection) key(message []byte) (key string, ok bool) {
	var body any
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.UseNumber() // 1.0 stays 1.0
	if err := decoder.Decode(&body); err != nil {
		return "", false
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "", false
	}
	var b strings.Builder
	for _, p := range s {
		if p.isVariable {
			b.WriteString(stringify(lookup(body, p.path)))
			continue
		}
		b.WriteString(p.text)
	}
	return b.String(), true
}

// lookup follows a path, and returns nil if it does not exist.
func lookup(value any, path []step) any {
	for _, s := range path {
		switch v := value.(type) {
		case map[string]any:
			if s.isIndex {
				return nil
			}
			value = v[s.name]
		case []any:
			if !s.isIndex || s.index >= len(v) {
				return nil
			}
			value = v[s.index]
		default:
			return nil
		}
	}
	return value
}

// stringify formats a value as AWS does in a route key: a string unchanged, null as
// "", a list as "[item1, item2]". AWS documents no form for objects; they are
// formatted as JSON.
func stringify(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = stringify(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(text)
	}
}
