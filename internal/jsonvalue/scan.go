package jsonvalue

import (
	"encoding"
	"encoding/json"
	"reflect"
	"unicode/utf8"
)

const (
	// maxCost is how many values and bytes of text a value may hold before it
	// counts as too large: many times what a frame holds.
	maxCost = 1 << 20
	// maxLevels is how deep a Go value may be before it counts as too deep: many
	// times the depth of a frame.
	maxLevels = 10_000
	// cycleLevels is the depth from which on cycles are looked for. encoding/json
	// reports those.
	cycleLevels = 1000
)

// method is how a type is encoded.
type method int

const (
	byFields method = iota // encoding/json looks into its values
	asJSON                 // by MarshalJSON
	asText                 // by MarshalText
)

// scan inspects a value before it is encoded. encoding/json would exhaust the
// memory for a huge value, such as a list that holds the same list twice, and so
// on, and the stack for a deep one. The scan looks where encoding/json does, but
// not into types that encode themselves. Pointer methods count only on values that
// are addressable.
type scan struct {
	large, deep bool // it is too large, too deep
	cyclic      bool // encoding/json refuses it
	invalid     bool // it has text that is not UTF-8
	texts, raw  bool // it has values that encode themselves, as text or as JSON

	cost     int
	path     map[uintptr]bool // the containers on the way here, below cycleLevels
	marshals map[reflect.Type]method
}

// walk scans a value at a level.
func (s *scan) walk(v reflect.Value, level int) {
	if s.charge(1); !v.IsValid() || s.done() {
		return
	}
	kind := v.Kind()
	if kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		s.charge(v.Len()) // also of a json.RawMessage
	}
	if s.encodesItself(v.Type()) || v.CanAddr() && s.encodesItself(reflect.PointerTo(v.Type())) {
		return
	}
	if kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		return
	}
	if s.deep = level > maxLevels; s.deep {
		return
	}
	if level > cycleLevels && (kind == reflect.Pointer || kind == reflect.Map || kind == reflect.Slice) && !v.IsNil() {
		if s.cyclic = s.path[v.Pointer()]; s.cyclic {
			return
		}
		if s.path == nil {
			s.path = map[uintptr]bool{}
		}
		s.path[v.Pointer()] = true
		defer delete(s.path, v.Pointer())
	}
	s.enter(v, level+1)
}

// enter scans what a value holds.
func (s *scan) enter(v reflect.Value, level int) {
	switch v.Kind() {
	case reflect.String:
		s.charge(v.Len())
		s.invalid = s.invalid || !s.large && !utf8.ValidString(v.String())
	case reflect.Interface, reflect.Pointer:
		s.walk(v.Elem(), level)
	case reflect.Struct:
		for field, value := range v.Fields() {
			if (field.IsExported() || field.Anonymous) && field.Tag.Get("json") != "-" {
				s.walk(value, level)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := 0; i < v.Len() && !s.done(); i++ {
			s.walk(v.Index(i), level)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next() && !s.done(); {
			s.walk(entries.Key(), level)
			s.walk(entries.Value(), level)
		}
	default: // it holds no text and no other value
	}
}

// done reports whether it is certain that the value is refused.
func (s *scan) done() bool { return s.large || s.deep || s.cyclic }

// charge counts values or bytes of text.
func (s *scan) charge(n int) {
	s.cost += n
	s.large = s.large || s.cost > maxCost
}

// mayReplace reports whether an escape of U+FFFD stands for text that is not UTF-8.
// In a value that encodes itself as JSON the escape is valid.
func (s *scan) mayReplace() bool { return s.invalid || s.texts && !s.raw }

// encodesItself reports whether a type encodes itself as JSON or text, and notes
// which of them.
func (s *scan) encodesItself(t reflect.Type) bool {
	how, known := s.marshals[t]
	if !known {
		switch {
		case t.Implements(reflect.TypeFor[json.Marshaler]()):
			how = asJSON
		case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
			how = asText
		}
		if s.marshals == nil {
			s.marshals = map[reflect.Type]method{}
		}
		s.marshals[t] = how
	}
	s.raw = s.raw || how == asJSON
	s.texts = s.texts || how == asText
	return how != byFields
}
