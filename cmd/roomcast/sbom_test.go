package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/sbom"
)

// TestSbom lists the modules of this test binary.
func TestSbom(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := sbomCommand()
	cmd.SetOut(&out)
	cmd.SetArgs([]string{self})
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	var bill sbom.Document
	if err := json.Unmarshal(out.Bytes(), &bill); err != nil {
		t.Fatal(err)
	}
	if bill.Format != "CycloneDX" || !strings.Contains(out.String(), "pkg:golang/github.com/spf13/cobra@") {
		t.Errorf("printed %.300s", out.String())
	}
}
