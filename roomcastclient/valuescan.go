package roomcastclient

import (
	"encoding"
	"encoding/json"
	"reflect"
	"unicode/utf8"
)

const (
	// maxWeight is how many parts and bytes of text a value may have before it
	// counts as large: many times what a frame holds.
	maxCost = 1 << 20
	// maxLevels is how deep it may be in Go before it counts as deep: many times
	// what a frame may be.
	maxLevels = 10_000
	// cycleLevels is how deep a value is before it may be a cycle; encoding/json
	// says so of one.
	cycleLevels = 1000
)

// survey looks through a value before it is encoded. encoding/json would use up
// the memory for one that is large, as a list that holds another one twice, which
// holds another one twice and so on, and the stack for one that is deep. It looks
// where encoding/json does, and not into types that encode themselves. Methods of
// a pointer count only where the value can be pointed to.
type valueScan struct {
	large, deep bool
	cyclic      bool // encoding/json refuses it
	invalid     bool // it has text that is not UTF-8

	cost   int
	path     map[uintptr]bool // what is being looked through, below cycleLevels
	marshals map[reflect.Type]bool
}

// walk looks through a part of the value, at a level.
func (s *valueScan) walk(v reflect.Value, level int) {
	if s.charge(1); !v.IsValid() || s.done() {
		return
	}
	kind := v.Kind()
	if kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		s.charge(v.Len()) // also of a json.RawMessage
		return
	}
	if s.encodesItself(v.Type()) || v.CanAddr() && s.encodesItself(reflect.PointerTo(v.Type())) {
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

// enter looks through what a part holds.
func (s *valueScan) enter(v reflect.Value, level int) {
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
	default: // no text, and nothing in it
	}
}

// done reports whether the value is known to be refused.
func (s *valueScan) done() bool { return s.large || s.deep || s.cyclic }

// weigh counts parts, or bytes of text.
func (s *valueScan) charge(n int) {
	s.cost += n
	s.large = s.large || s.cost > maxCost
}

// encodesItself reports whether a type has its own JSON or text.
func (s *valueScan) encodesItself(t reflect.Type) bool {
	itself, known := s.marshals[t]
	if known {
		return itself
	}
	for _, method := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		itself = itself || t.Implements(method)
	}
	if s.marshals == nil {
		s.marshals = map[reflect.Type]bool{}
	}
	s.marshals[t] = itself
	return itself
}
