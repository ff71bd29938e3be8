package assembly

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The artifact types that matter here. Others (the construct tree, reports) are
// ignored.
const (
	typeStack    = "aws:cloudformation:stack"
	typeAssets   = "cdk:asset-manifest"
	typeAssembly = "cdk:cloud-assembly"
)

// manifest is an assembly's manifest.json.
type manifest struct {
	artifacts map[string]artifact
	order     []string // the artifacts' IDs in the order of the file
}

type artifact struct {
	Type         string   `json:"type"`
	DisplayName  string   `json:"displayName"`
	Environment  string   `json:"environment"` // of a stack: aws://ACCOUNT/REGION
	Dependencies []string `json:"dependencies"`
	Properties   struct {
		TemplateFile  string `json:"templateFile"`  // of a stack
		StackName     string `json:"stackName"`     // of a stack; absent if it is the ID
		File          string `json:"file"`          // of an asset manifest
		DirectoryName string `json:"directoryName"` // of a nested assembly
	} `json:"properties"`
	// Metadata is in the manifest or, with newer versions of CDK, in a separate
	// file.
	Metadata     map[string][]metadata `json:"metadata"`
	MetadataFile string                `json:"additionalMetadataFile"`
}

// metadata is CDK's metadata about a construct, by its path.
type metadata struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func readManifest(dir string) (*manifest, error) {
	var raw struct {
		Artifacts json.RawMessage `json:"artifacts"`
	}
	err := readJSON(filepath.Join(dir, "manifest.json"), &raw)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("missing manifest.json in %s: %w", dir, ErrNoAssembly)
	}
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if len(raw.Artifacts) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(raw.Artifacts, &m.artifacts); err != nil {
		return nil, fmt.Errorf("invalid manifest %s: %w", filepath.Join(dir, "manifest.json"), err)
	}
	m.order = keys(raw.Artifacts)
	return m, nil
}

// environment returns the account and the Region of a stack, each "" if CDK did not
// know it.
func (a artifact) environment() (account, region string) {
	account, region, _ = strings.Cut(strings.TrimPrefix(a.Environment, "aws://"), "/")
	if account == "unknown-account" {
		account = ""
	}
	if region == "unknown-region" {
		region = ""
	}
	return account, region
}

// keys returns the keys of a valid JSON object in the order of the text.
func keys(object json.RawMessage) []string {
	var order []string
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return order
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return order
		}
		order = append(order, key.(string))
	}
	return order
}

// readJSON decodes a file of the assembly into v.
func readJSON(file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the cloud assembly: %w", err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("invalid JSON in %s; run cdk synth again: %w", file, err)
	}
	return nil
}
