package gobuild

import "runtime"

// Target is the system for which a program is built, in Go's names.
type Target struct {
	OS   string // such as "linux"
	Arch string // such as "arm64"
}

// Lambda returns the target of functions on AWS. arch is "arm64" or "amd64".
func Lambda(arch string) Target { return Target{OS: "linux", Arch: arch} }

// Host returns the target of functions on this machine.
func Host() Target { return Target{OS: runtime.GOOS, Arch: runtime.GOARCH} }

// String returns the target as Go writes it, such as "linux/arm64".
func (t Target) String() string { return t.OS + "/" + t.Arch }

// environment returns the variables that make a build for t the same on every
// machine: no C, and no CPU features that only some machines have.
func (t Target) environment() []string {
	return []string{"GOOS=" + t.OS, "GOARCH=" + t.Arch, "GOAMD64=v1", "GOARM64=v8.0", "CGO_ENABLED=0"}
}
