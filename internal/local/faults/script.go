package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"unicode"
)

// Script is what a file of faults says.
type Script struct {
	// Seed decides the chance of the rules. Default: 1.
	Seed uint64
	// Rules are asked in this order.
	Rules []Rule
}

// DefaultSeed is the seed of who names none, so that their runs are alike.
const DefaultSeed = 1

// ReadFile reads a script. The error names the file, the rule and the field.
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

// Parse reads a script from its JSON text, of which docs/reference/faults.md tells. What
// it does not know it refuses, and so are rules that contradict themselves.
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

// ruleError says which rule an error is about, by its number in the file and
// its name. The names of fields become those of the file.
func ruleError(n int, name string, err error) error {
	var field *fieldError
	if errors.As(err, &field) {
		err = fmt.Errorf("%s: %s", path(field.field), field.reason)
	}
	if name == "" {
		return fmt.Errorf("rule %d: %w", n+1, err)
	}
	return fmt.Errorf("rule %d (%s): %w", n+1, name, err)
}

// path is where a field of Rule stands in the file.
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
