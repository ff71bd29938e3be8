// Package sbom says what a Go program is made of, as a software bill of
// materials in the form of CycloneDX. It reads what the compiler wrote into the
// program itself, so it lists what is in there, and not what a go.mod asks for.
package sbom
