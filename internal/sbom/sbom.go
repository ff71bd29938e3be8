package sbom

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// Document is a CycloneDX 1.6 bill of materials, with the fields that a Go
// program fills. It has no time and no serial number: the same program has the
// same bill.
type Document struct {
	Format      string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    Metadata    `json:"metadata"`
	Components  []Component `json:"components"`
}

// Metadata names the program that the bill is about.
type Metadata struct {
	Component Component `json:"component"`
}

// Component is a program, or a module that is compiled into it.
type Component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Hashes     []Hash     `json:"hashes,omitempty"`
	Properties []Property `json:"properties,omitempty"`
}

// Hash is the hash of a file.
type Hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// Property is a fact for which CycloneDX has no field.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// OfProgram returns the bill of the Go program in a file. Every module is a
// component of it, and so is the standard library, as std.
func OfProgram(path string) (Document, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return Document{}, fmt.Errorf("read the build information of the program: %w", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return Document{}, fmt.Errorf("hash the program: %w", err)
	}
	sum := sha256.Sum256(content)
	program := Component{
		Type: "application", Ref: info.Path, Name: info.Path,
		Hashes: []Hash{{Algorithm: "SHA-256", Content: hex.EncodeToString(sum[:])}},
	}
	for _, setting := range info.Settings {
		program.Properties = append(program.Properties, Property{Name: "go:build:" + setting.Key, Value: setting.Value})
	}
	components := []Component{module("std", strings.TrimPrefix(info.GoVersion, "go"), "")}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		components = append(components, module(m.Path, m.Version, m.Sum))
	}
	return Document{
		Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: Metadata{Component: program}, Components: components,
	}, nil
}

// module describes a module. Its sum is that of go.sum, a hash that CycloneDX
// does not define.
func module(path, version, sum string) Component {
	purl := "pkg:golang/" + path + "@" + version
	c := Component{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
	if sum != "" {
		c.Properties = []Property{{Name: "go:sum", Value: sum}}
	}
	return c
}
