package functions_test

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/functions"
)

// elfFile is the header of a Linux program.
func elfFile(machine elf.Machine) []byte {
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Ehsize: 64}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	return encode(h)
}

// machoFile is the header of a macOS program.
func machoFile(cpu macho.Cpu) []byte {
	return append(encode(macho.FileHeader{Magic: macho.Magic64, Cpu: cpu, Type: macho.TypeExec}), 0, 0, 0, 0)
}

func encode(v any) []byte {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestABootstrapThatCannotRunHere(t *testing.T) {
	t.Parallel()
	const remedy = "synthesize with context roomcast:target=host"
	here := "this machine is " + runtime.GOOS + "/" + runtime.GOARCH
	tests := []struct {
		name    string
		content []byte // nil: no file
		mode    os.FileMode
		want    []string
	}{
		{"none", nil, 0, []string{"missing /", "bootstrap"}},
		{"not executable", []byte("#!/bin/sh\n"), 0o644, []string{"is not executable"}},
		{"a text", []byte("hello, world"), 0o755, []string{"expected a program, or a script"}},
		{"empty", []byte{}, 0o755, []string{"expected a program, or a script"}},
		{"a damaged program", []byte(elf.ELFMAG + "xx"), 0o755, []string{"invalid ELF header"}},
		{"another processor", elfFile(elf.EM_RISCV), 0o755, []string{"is built for linux/EM_RISCV", here, remedy}},
	}
	if here := runtime.GOOS + "/" + runtime.GOARCH; here != "linux/arm64" {
		tests = append(tests, struct {
			name    string
			content []byte
			mode    os.FileMode
			want    []string
		}{"for Lambda", elfFile(elf.EM_AARCH64), 0o755, []string{"the bootstrap is built for linux/arm64, but this machine is " + here, remedy}})
	}
	if runtime.GOOS != "darwin" {
		tests = append(tests, struct {
			name    string
			content []byte
			mode    os.FileMode
			want    []string
		}{"for macOS", machoFile(macho.CpuArm64), 0o755, []string{"is built for darwin/arm64", remedy}})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.content != nil {
				if err := os.WriteFile(filepath.Join(dir, "bootstrap"), tt.content, tt.mode); err != nil {
					t.Fatal(err)
				}
			}
			_, err := functions.New(functions.Config{Name: "Chat", Dir: dir})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range append(tt.want, "function Chat: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

// A script passes the check of its header; that its interpreter is missing
// shows when it is started, as on AWS.
func TestAScript(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/no/such/shell\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	f := newFunction(t, "x", func(c *functions.Config) { c.Dir = dir })
	r := invoke(t, f, `{}`)
	if r.FunctionError != "Unhandled" || !strings.Contains(string(r.Payload), "Runtime.InvalidEntrypoint") {
		t.Errorf("result %s %q", r.Payload, r.FunctionError)
	}
}
