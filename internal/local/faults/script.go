package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"unicode"
)

// Script is the content of a faults file.
type Script struct {
	// Seed determines the random decisions of the rules. Default: 1.
	Seed uint64
	// Rules are evaluated in this order.
	Rules []Rule
}

// DefaultSeed is the default seed. With it, runs are alike.
const DefaultSeed = 1

// ReadFile reads a script. Errors name the file, the rule and the field.
func ReadFile(path string) (Script, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Script{}, fmt.Errorf("faults: %w", err)
	}
	s, err := Parse(data)
	if err != nil {
		return Script{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Injector returns an Injector with the rules of the script.
func (s Script) Injector() (*Injector, error) {
	i := New(s.Seed)
	for n, r := range s.Rules {
		if _, err := i.Add(r); err != nil {
			return nil, ruleError(n, r.Name, err)
		}
	}
	return i, nil
}

// Parse parses a script in JSON (docs/reference/faults.md). It refuses unknown
// names and rules that contradict themselves.
func Parse(data []byte) (Script, error) {
	file := struct {
		Seed  uint64            `json:"seed"`
		Rules []json.RawMessage `json:"rules"`
	}{Seed: DefaultSeed}
	if err := decode(data, &file); err != nil {
		return Script{}, err
	}
	s := Script{Seed: file.Seed}
	for n, raw := range file.Rules {
		r, err := parseRule(raw)
		if err != nil {
			return Script{}, ruleError(n, r.Name, err)
		}
		s.Rules = append(s.Rules, r)
	}
	_, err := s.Injector()
	return s, err
}

// ruleError adds the rule's number and name to an error, and uses the file's names
// of fields.
func ruleError(n int, name string, err error) error {
	if field, ok := errors.AsType[*fieldError](err); ok {
		err = fmt.Errorf("%s: %s", path(field.field), field.reason)
	}
	if name == "" {
		return fmt.Errorf("rule %d: %w", n+1, err)
	}
	return fmt.Errorf("rule %d (%s): %w", n+1, name, err)
}

// path is where a field of Rule is in the file.
func path(field string) string {
	runes := []rune(field)
	runes[0] = unicode.ToLower(runes[0])
	name := string(runes)
	switch field {
	case "Name", "fault":
		return name
	case "Function", "Service", "Operation", "Resource":
		return "match." + name
	case "Share", "Nth", "Every", "First", "From", "Until", "Limit":
		return "when." + name
	}
	return "fault." + name
}
