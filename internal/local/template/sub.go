package template

import (
	"errors"
	"fmt"
	"strings"
)

// sub evaluates Fn::Sub: "text with ${Name}, ${Id.Attribute} and ${!Literal}", or a
// list of such a text and an object with variables.
func (r *Resolver) sub(argument any) (any, error) {
	format, variables, err := subArguments(argument)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for _, piece := range parseSub(format) {
		s := piece.text
		if piece.reference {
			if s, err = r.subValue(piece.text, variables); err != nil {
				return nil, at("${"+piece.text+"}", err)
			}
		}
		out.WriteString(s)
		if err := bounded(out.Len()); err != nil {
			return nil, err
		}
	}
	return out.String(), nil
}

func (r *Resolver) subValue(name string, variables map[string]any) (string, error) {
	if v, ok := variables[name]; ok {
		return r.text(v)
	}
	var value any
	var err error
	if id, attribute, ok := strings.Cut(name, "."); ok {
		value, err = r.attribute(id, attribute)
	} else {
		value, err = r.ref(name)
	}
	if err != nil {
		return "", err
	}
	return text(value)
}

func subArguments(argument any) (format string, variables map[string]any, err error) {
	switch v := argument.(type) {
	case string:
		return v, nil, nil
	case []any:
		if len(v) != 2 {
			break
		}
		format, isText := v[0].(string)
		variables, isObject := v[1].(map[string]any)
		if isText && isObject {
			return format, variables, nil
		}
		return "", nil, fmt.Errorf("expected [string, object], not [%s, %s]", kind(v[0]), kind(v[1]))
	}
	return "", nil, errors.New("expected a string, or [string, object of variables]")
}

// subPiece is literal text or a name between ${ and }.
type subPiece struct {
	text      string
	reference bool
}

// parseSub splits the text of an Fn::Sub into pieces. "${!Name}" is the literal
// "${Name}". A "${" without an end is literal too.
func parseSub(format string) []subPiece {
	var pieces []subPiece
	for {
		before, rest, found := strings.Cut(format, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return append(pieces, subPiece{text: format})
		}
		pieces = append(pieces, subPiece{text: before})
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			pieces = append(pieces, subPiece{text: "${" + literal + "}"})
		} else {
			pieces = append(pieces, subPiece{text: strings.TrimSpace(name), reference: true})
		}
		format = after
	}
}
