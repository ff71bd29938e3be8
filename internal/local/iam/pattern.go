package iam

import (
	"strings"
	"unicode/utf8"
)

// Wildcards in a pattern are marked by bytes that UTF-8 does not use. So a "*" from
// a policy variable is a plain character.
const (
	anyText = "\xff" // "*"
	anyChar = "\xfe" // "?"
)

var marks = strings.NewReplacer("*", anyText, "?", anyChar)

// text is a value in a policy: a pattern unless literal, possibly with policy
// variables.
type text struct {
	fixed     string // ready for comparison, if there is no variable
	source    string // else: as written
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

// expand replaces the variables. It reports false if one has neither a value nor a
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

// variable returns the value of ${name}: of a condition key, a default as in
// ${aws:PrincipalTag/team, 'none'}, or a character that a pattern cannot contain
// otherwise.
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

// glob matches a whole text against a pattern with marked wildcards.
func glob(pattern, text string) bool {
	star, mark := -1, 0 // the last "*" and where its match begins in text
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
			mark++ // extend the match of the last "*"
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

// MatchARN matches an ARN against a pattern like the condition operator ArnLike:
// each of the six parts separately, with the wildcards "*" and "?".
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
