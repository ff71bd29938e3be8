package skew

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/roomcast/roomcast/internal/childproc"
)

// Start starts cmd, like [childproc.Start], with a clock that is ahead, or behind
// if negative. before is called with its process ID before it runs.
func Start(cmd *exec.Cmd, by time.Duration, before func(pid int) error) (*childproc.Process, error) {
	return childproc.StartTraced(cmd, func(pid int) error {
		if err := before(pid); err != nil {
			return err
		}
		if err := patch(pid, by); err != nil {
			return fmt.Errorf("set the clock of process %d wrong: %w", pid, err)
		}
		return nil
	})
}

// Supported returns why clocks cannot be set wrong here, or nil.
func Supported() error {
	works := errors.New("it works") // then the child never runs
	_, err := childproc.StartTraced(exec.Command("/proc/self/exe"), func(pid int) error {
		return cmp.Or(patch(pid, time.Second), works)
	})
	if errors.Is(err, works) {
		return nil
	}
	return fmt.Errorf("clocks of processes cannot be set wrong here; remove the faults clock and clockWithin: %w", err)
}

// patch changes the vDSO of a stopped process, which this thread traces.
func patch(pid int, by time.Duration) error {
	base, image, err := vdso(pid)
	if err != nil {
		return err
	}
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return fmt.Errorf("read the vDSO: %w", err)
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return fmt.Errorf("read the vDSO's symbols: %w", err)
	}
	// The new functions go behind the image's end, and the old ones jump there
	// because they may be shorter.
	used := len(bytes.TrimRight(image, "\x00"))
	room := image[min(len(image), (used+15)&^15):]
	at := uint64(len(image) - len(room))
	replaced := false
	for _, s := range symbols {
		code := replacements(by)[s.Name]
		if code == nil {
			continue
		}
		if len(code) > len(room) {
			return errors.New("the vDSO has no room for other functions")
		}
		if err := write(pid, base+at, code); err != nil {
			return err
		}
		const jump = 5 // bytes
		from := s.Value + jump
		if err := write(pid, base+s.Value, append([]byte{0xe9}, int32s(int64(at)-int64(from))...)); err != nil {
			return err
		}
		at, room, replaced = at+uint64(len(code)), room[len(code):], true
	}
	if !replaced {
		return errors.New("the vDSO has no time function")
	}
	return nil
}

func write(pid int, at uint64, code []byte) error {
	if _, err := syscall.PtracePokeText(pid, uintptr(at), code); err != nil {
		return fmt.Errorf("write into the vDSO: %w", err)
	}
	return nil
}

// vdso reads the vDSO of a process.
func vdso(pid int) (base uint64, image []byte, err error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, nil, err
	}
	for line := range strings.Lines(string(maps)) {
		if !strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			continue
		}
		area, _, _ := strings.Cut(line, " ")
		from, to, _ := strings.Cut(area, "-")
		base, err = strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err := errors.Join(err, err2); err != nil {
			return 0, nil, fmt.Errorf("read the process's map: %w", err)
		}
		image = make([]byte, end-base)
		if _, err := syscall.PtracePeekText(pid, uintptr(base), image); err != nil {
			return 0, nil, fmt.Errorf("read the vDSO: %w", err)
		}
		return base, image, nil
	}
	return 0, nil, errors.New("the kernel maps no vDSO into processes")
}

// replacements returns vDSO functions, as machine code, that ask the kernel and add
// an error to the time.
func replacements(by time.Duration) map[string][]byte {
	seconds := int64(by / time.Second)
	rest := int64(by % time.Second)
	if rest < 0 {
		seconds, rest = seconds-1, rest+int64(time.Second)
	}
	// add adds to the two numbers at an address: seconds, and parts of seconds.
	add := func(pointer byte, rest, second int64) []byte {
		return join(
			[]byte{0x48, 0x81, pointer}, int32s(seconds), // add qword [p], seconds
			[]byte{0x48, 0x8b, 0x50 | pointer&7, 0x08}, // mov rdx, [p+8]
			[]byte{0x48, 0x81, 0xc2}, int32s(rest),     // add rdx, rest
			[]byte{0x48, 0x81, 0xfa}, int32s(second), // cmp rdx, second
			[]byte{0x7c, 0x0a},                       // jl over the next two
			[]byte{0x48, 0x81, 0xea}, int32s(second), // sub rdx, second
			[]byte{0x48, 0xff, pointer},                // inc qword [p]
			[]byte{0x48, 0x89, 0x50 | pointer&7, 0x08}, // mov [p+8], rdx
		)
	}
	const (
		rsi = 0x06
		rdi = 0x07
	)
	addTimespec := add(rsi, rest, int64(time.Second))
	addTimeval := add(rdi, rest/int64(time.Microsecond), int64(time.Second/time.Microsecond))
	const ret = 0xc3
	clockGettime := join(
		[]byte{0xb8}, int32s(syscall.SYS_CLOCK_GETTIME), // mov eax, number
		[]byte{0x0f, 0x05},                       // syscall
		[]byte{0x85, 0xc0},                       // test eax, eax
		[]byte{0x75, 9 + byte(len(addTimespec))}, // jnz to the end
		[]byte{0x85, 0xff},                       // test edi, edi: CLOCK_REALTIME
		[]byte{0x74, 0x05},                       // jz over the next two
		[]byte{0x83, 0xff, 0x05},                 // cmp edi, CLOCK_REALTIME_COARSE
		[]byte{0x75, byte(len(addTimespec))},     // jne to the end
		addTimespec, []byte{ret})
	gettimeofday := join(
		[]byte{0xb8}, int32s(syscall.SYS_GETTIMEOFDAY), // mov eax, number
		[]byte{0x0f, 0x05},                      // syscall
		[]byte{0x85, 0xc0},                      // test eax, eax
		[]byte{0x75, 5 + byte(len(addTimeval))}, // jnz to the end
		[]byte{0x48, 0x85, 0xff},                // test rdi, rdi
		[]byte{0x74, byte(len(addTimeval))},     // jz to the end
		addTimeval, []byte{ret})
	timeOf := join(
		[]byte{0x57},                           // push rdi
		[]byte{0x31, 0xff},                     // xor edi, edi
		[]byte{0xb8}, int32s(syscall.SYS_TIME), // mov eax, number
		[]byte{0x0f, 0x05},                  // syscall
		[]byte{0x5f},                        // pop rdi
		[]byte{0x48, 0x05}, int32s(seconds), // add rax, seconds
		[]byte{0x48, 0x85, 0xff}, // test rdi, rdi
		[]byte{0x74, 0x03},       // jz to the end
		[]byte{0x48, 0x89, 0x07}, // mov [rdi], rax
		[]byte{ret})
	return map[string][]byte{
		"__vdso_clock_gettime": clockGettime, "__vdso_gettimeofday": gettimeofday, "__vdso_time": timeOf,
	}
}

func int32s(n int64) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(int32(n))) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
