// Package sbom writes a software bill of materials of a Go program, as
// CycloneDX. It reads what the linker recorded in the program, so it lists what
// the program contains, not what a go.mod requires.
package sbom
