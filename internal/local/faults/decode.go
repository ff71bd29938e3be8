package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// The parts of a rule in the file.
type (
	rulePart struct {
		Name  string          `json:"name"`
		Match json.RawMessage `json:"match"`
		When  json.RawMessage `json:"when"`
		Fault json.RawMessage `json:"fault"`
	}
	matchPart struct {
		Function  string `json:"function"`
		Service   string `json:"service"`
		Operation string `json:"operation"`
		Resource  string `json:"resource"`
	}
	whenPart struct {
		Share float64 `json:"share"`
		Nth   int     `json:"nth"`
		Every int     `json:"every"`
		First int     `json:"first"`
		From  clock   `json:"from"`
		Until clock   `json:"until"`
		Limit int     `json:"limit"`
	}
	faultPart struct {
		Throttle       bool   `json:"throttle"`
		Status         int    `json:"status"`
		Code           string `json:"code"`
		Message        string `json:"message"`
		Reset          bool   `json:"reset"`
		After          bool   `json:"after"`
		Latency        clock  `json:"latency"`
		Gone           bool   `json:"gone"`
		FalselyGone    bool   `json:"falselyGone"`
		LostDisconnect bool   `json:"lostDisconnect"`
		Kill           Moment `json:"kill"`
		Duplicate      bool   `json:"duplicate"`
		Late           clock  `json:"late"`
		ApplyLate      clock  `json:"applyLate"`
		Partial        bool   `json:"partial"`
		Lost           bool   `json:"lost"`

		EarlyDisconnect bool  `json:"earlyDisconnect"`
		Freeze          clock `json:"freeze"`
		Clock           clock `json:"clock"`
		ClockWithin     clock `json:"clockWithin"`
		Undeleted       bool  `json:"undeleted"`
	}
)

// parseRule parses a rule. The result has the rule's name even after an error.
func parseRule(raw json.RawMessage) (Rule, error) {
	var rule rulePart
	if err := decode(raw, &rule); err != nil {
		return Rule{Name: rule.Name}, err
	}
	var match matchPart
	var when whenPart
	var fault faultPart
	for _, part := range []struct {
		name string
		raw  json.RawMessage
		into any
	}{{"match", rule.Match, &match}, {"when", rule.When, &when}, {"fault", rule.Fault, &fault}} {
		if part.raw == nil {
			continue
		}
		if err := decode(part.raw, part.into); err != nil {
			return Rule{Name: rule.Name}, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	made := Rule{
		Name:     rule.Name,
		Function: match.Function, Service: match.Service, Operation: match.Operation, Resource: match.Resource,
		Share: when.Share, Nth: when.Nth, Every: when.Every, First: when.First, Limit: when.Limit,
		Throttle: fault.Throttle, Status: fault.Status, Code: fault.Code, Message: fault.Message,
		Reset: fault.Reset, After: fault.After,
		Gone: fault.Gone, FalselyGone: fault.FalselyGone, LostDisconnect: fault.LostDisconnect,
		Kill: fault.Kill, Duplicate: fault.Duplicate, Undeleted: fault.Undeleted,
		Partial: fault.Partial, Lost: fault.Lost, EarlyDisconnect: fault.EarlyDisconnect,
	}
	for _, t := range []struct {
		field string
		text  clock
		into  *time.Duration
	}{
		{"From", when.From, &made.From}, {"Until", when.Until, &made.Until},
		{"Latency", fault.Latency, &made.Latency}, {"Late", fault.Late, &made.Late},
		{"ApplyLate", fault.ApplyLate, &made.ApplyLate}, {"Freeze", fault.Freeze, &made.Freeze},
		{"Clock", fault.Clock, &made.Clock}, {"ClockWithin", fault.ClockWithin, &made.ClockWithin},
	} {
		var err error
		if *t.into, err = t.text.duration(); err != nil {
			return made, wrong(t.field, "%v", err)
		}
	}
	return made, nil
}

// clock is a duration in Go's format: "250ms", "1m30s". It stays text until its
// field is known.
type clock string

func (c clock) duration() (time.Duration, error) {
	if c == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(string(c))
	if err != nil {
		return 0, fmt.Errorf(`invalid time %q: expected a duration such as "250ms", "5s" or "1m30s"`, string(c))
	}
	return d, nil
}

// decode decodes a JSON object into a struct and refuses unknown names.
func decode(data []byte, into any) error {
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	err := in.Decode(into)
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%s: invalid %s: expected %s", kind.Field, kind.Value, jsonKind(kind.Type.String()))
	case errors.As(err, &kind):
		return fmt.Errorf("invalid %s: expected an object", kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("invalid JSON in line %d: %w", 1+bytes.Count(data[:syntax.Offset], []byte("\n")), err)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("unexpected end of the JSON")
	case err != nil:
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := in.Token(); err != io.EOF {
		return errors.New("unexpected text after the JSON")
	}
	return nil
}

// jsonKind describes the JSON values for a Go type.
func jsonKind(name string) string {
	switch {
	case strings.HasPrefix(name, "uint"):
		return "a whole number from 0"
	case strings.HasPrefix(name, "int"):
		return "a whole number"
	case strings.HasPrefix(name, "float"):
		return "a number"
	case strings.HasPrefix(name, "[]json"):
		return "a list"
	case name == "bool":
		return "true or false"
	case strings.HasSuffix(name, "clock"):
		return `a time such as "250ms"`
	}
	return "a string"
}
