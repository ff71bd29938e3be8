package functions

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// checkBootstrap reports why this machine cannot run the program, as far as its
// header shows. A script with a #! line is not checked.
func checkBootstrap(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("missing %s: build the code for a custom runtime (provided.al2023)", path)
	}
	if err != nil {
		return fmt.Errorf("open the bootstrap: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read the bootstrap: %w", err)
	}
	if info.IsDir() || info.Mode().Perm()&0o111 == 0 {
		return fmt.Errorf("%s is not executable: run chmod +x on it in the build", path)
	}
	platform, err := platformOf(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if here := runtime.GOOS + "/" + runtime.GOARCH; platform != "" && platform != here {
		return fmt.Errorf("the bootstrap is built for %s, but this machine is %s: synthesize with context roomcast:target=host", platform, here)
	}
	return nil
}

// platformOf returns the system and processor for which a program is built, in Go's
// words; "" for a script.
func platformOf(file io.ReaderAt) (string, error) {
	var start [4]byte
	if _, err := file.ReadAt(start[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the bootstrap's header: %w", err)
	}
	switch {
	case bytes.HasPrefix(start[:], []byte("#!")):
		return "", nil
	case bytes.HasPrefix(start[:], []byte(elf.ELFMAG)):
		program, err := elf.NewFile(file)
		if err != nil {
			return "", fmt.Errorf("invalid ELF header: %w", err)
		}
		return "linux/" + elfArchitecture(program.Machine), nil
	}
	if program, err := macho.NewFile(file); err == nil {
		return "darwin/" + machoArchitecture(program.Cpu), nil
	}
	return "", errors.New("invalid bootstrap: expected a program, or a script with a #! line")
}

func elfArchitecture(m elf.Machine) string {
	switch m {
	case elf.EM_X86_64:
		return "amd64"
	case elf.EM_AARCH64:
		return "arm64"
	default:
		return m.String()
	}
}

func machoArchitecture(c macho.Cpu) string {
	switch c {
	case macho.CpuAmd64:
		return "amd64"
	case macho.CpuArm64:
		return "arm64"
	default:
		return c.String()
	}
}
