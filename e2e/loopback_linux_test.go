package e2e_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

// No part of a running stack can be reached from another machine: neither the
// API and the endpoint, which this process serves, nor the engines and
// functions, which are its children.
func TestNothingListensBeyondLoopback(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby")) // starts a function

	sockets := listening(t)
	processes := append(descendants(t, os.Getpid()), os.Getpid())
	kinds := map[bool]int{} // by whether it belongs to this process
	for _, pid := range processes {
		for _, inode := range socketsOf(pid) {
			address, listens := sockets[inode]
			if !listens {
				continue
			}
			kinds[pid == os.Getpid()]++
			if !address.Addr().IsLoopback() {
				command, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
				t.Errorf("process %d (%s) listens on %v", pid, strings.ReplaceAll(string(command), "\x00", " "), address)
			}
		}
	}
	// The API, the endpoint and a function's runtime API; two engines.
	if kinds[true] < 3 || kinds[false] < 2 {
		t.Errorf("found %d listening sockets of this process and %d of its children: some were overlooked", kinds[true], kinds[false])
	}
}

// listening returns the addresses of listening TCP sockets, by inode.
func listening(t *testing.T) map[string]netip.AddrPort {
	t.Helper()
	const listens = "0A" // the state in /proc/net/tcp
	all := map[string]netip.AddrPort{}
	for _, file := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		data, err := os.ReadFile(file)
		if err != nil && filepath.Base(file) == "tcp" {
			t.Fatalf("this test reads the sockets from /proc: %v", err)
		}
		for line := range strings.Lines(string(data)) {
			fields := strings.Fields(line)
			if len(fields) > 9 && fields[3] == listens {
				all[fields[9]] = parseSocket(t, fields[1])
			}
		}
	}
	return all
}

// parseSocket reads an address as the kernel writes it: words in the byte order
// of this machine, which is little-endian wherever tests run, and the port.
func parseSocket(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	var bytes []byte
	for i := 0; i+8 <= len(host); i += 8 {
		word, err := strconv.ParseUint(host[i:i+8], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		bytes = append(bytes, byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
	}
	number, err := strconv.ParseUint(port, 16, 16)
	address, ok := netip.AddrFromSlice(bytes)
	if err != nil || !ok {
		t.Fatalf("no address: %s", text)
	}
	return netip.AddrPortFrom(address.Unmap(), uint16(number))
}

// socketsOf returns the inodes of the sockets that a process has open.
func socketsOf(pid int) []string {
	links, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "fd", "*"))
	var inodes []string
	for _, link := range links {
		target, err := os.Readlink(link)
		if inode, ok := strings.CutPrefix(target, "socket:["); err == nil && ok {
			inodes = append(inodes, strings.TrimSuffix(inode, "]"))
		}
	}
	return inodes
}
