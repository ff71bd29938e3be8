package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// A table is what codes.json holds.
type table struct {
	// Reactions are what a client can do about an error.
	Reactions []reaction `json:"reactions"`
	// Server has the codes that the server sends, in the order of the docs.
	Server []code `json:"server"`
	// Client has the codes that a client gives its own errors.
	Client []code `json:"client"`
}

// A reaction is what a client does about an error, in one word.
type reaction struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
}

// A code names one kind of failure.
type code struct {
	Code string `json:"code"`
	// Status is the HTTP status of a handshake that is refused with the code;
	// 0 if no handshake is.
	Status   int    `json:"status"`
	Reaction string `json:"reaction"`
	// Meaning completes the sentence "it means that ...", in Markdown.
	Meaning string `json:"meaning"`
	// Advice is the reaction in words, in Markdown.
	Advice string `json:"advice"`
	// Publish marks the codes that package publish returns.
	Publish bool `json:"publish"`
}

// parse reads a table and checks it.
func parse(data []byte) (table, error) {
	var t table
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&t); err != nil {
		return t, err
	}
	seen := map[string]bool{}
	for _, c := range t.all() {
		known := slices.ContainsFunc(t.Reactions, func(r reaction) bool { return r.Name == c.Reaction })
		switch {
		case c.Code == "" || c.Meaning == "" || c.Advice == "":
			return t, fmt.Errorf("invalid code %q: expected code, meaning and advice", c.Code)
		case seen[c.Code]:
			return t, fmt.Errorf("invalid code %q: expected each code once", c.Code)
		case !known:
			return t, fmt.Errorf("invalid reaction %q of code %q: expected one of the table's reactions", c.Reaction, c.Code)
		}
		seen[c.Code] = true
	}
	return t, nil
}

// all returns the server's codes, then the client's.
func (t table) all() []code { return slices.Concat(t.Server, t.Client) }
