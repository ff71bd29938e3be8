package iam

import (
	"strings"
	"unicode/utf8"
)

// Wildcards in a pattern are marked by bytes that no UTF-8 text holds, so that
// a "*" that comes from a policy variable stands for itself.
const (
	anyText = "\xff" // "*"
	anyChar = "\xfe" // "?"
)

var marks = strings.NewReplacer("*", anyText, "?", anyChar)

// text is a value in a policy: a pattern, unless literal, and perhaps with
// policy variables.
type text struct {
	fixed     string // ready to be compared, when there is no variable
	source    string // else: as it is written
	wildcards bool
}

// newText prepares a value. Documents of version 2008-10-17 have no variables.
func newText(source string, wildcards, variables bool) text {
	switch {
	case variables && strings.Contains(source, "${"):
		return text{source: source, wildcards: wildcards}
	case wildcards:
		return text{fixed: marks.Replace(source)}
	default:
		return text{fixed: source}
	}
}

// expand replaces the variables. It reports false when one has no value and no
// default: then the text matches nothing.
func (t text) expand(c Context) (string, bool) {
	if t.source == "" {
		return t.fixed, true
	}
	var out strings.Builder
	rest := t.source
	for {
		before, after, found := strings.Cut(rest, "${")
		if t.wildcards {
			before = marks.Replace(before)
		}
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		name, after, closed := strings.Cut(after, "}")
		value, ok := variable(name, c)
		if !closed || !ok {
			return "", false
		}
		out.WriteString(value)
		rest = after
	}
}

// variable is the value of ${name}: that of a condition key, a default as in
// ${aws:PrincipalTag/team, 'none'}, or one of the characters that a pattern
// cannot hold otherwise.
func variable(name string, c Context) (string, bool) {
	switch name {
	case "*", "?", "$":
		return name, true
	}
	name, standard, hasDefault := strings.Cut(name, ",")
	if values := c[strings.ToLower(strings.TrimSpace(name))]; len(values) == 1 {
		return values[0], true
	}
	standard = strings.TrimSpace(standard)
	if !hasDefault || len(standard) < 2 || standard[0] != '\'' || standard[len(standard)-1] != '\'' {
		return "", false
	}
	return standard[1 : len(standard)-1], true
}

// glob matches a whole text with a pattern whose wildcards are marked.
func glob(pattern, text string) bool {
	star, mark := -1, 0 // the last "*" seen, and where in text it began
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == anyText[0]:
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == anyChar[0]:
			_, size := utf8.DecodeRuneInString(text[t:])
			p, t = p+1, t+size
		case p < len(pattern) && pattern[p] == text[t]:
			p, t = p+1, t+1
		case star >= 0:
			mark++ // let the last "*" swallow one more
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyText[0] {
		p++
	}
	return p == len(pattern)
}

// MatchARN compares an ARN with a pattern as the condition operator ArnLike
// does: each of the six parts for itself, "*" and "?" being wildcards.
func MatchARN(pattern, arn string) bool { return matchARN(marks.Replace(pattern), arn) }

func matchARN(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != len(parts) {
		return false
	}
	for i := range parts {
		if !glob(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}
