package engines_test

import (
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// An engine listens on 127.0.0.1 only, by the kernel's socket tables.
func TestEnginesListenOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, e := range []*engines.Engine{startDatabase(t), start(t, engines.SQS)} {
		u, err := url.Parse(e.Endpoint())
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			t.Fatal(err)
		}
		var addresses []string
		for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
			addresses = append(addresses, listening(t, table, port)...)
		}
		// 127.0.0.1 as the tables write it.
		if len(addresses) != 1 || addresses[0] != "0100007F" {
			t.Errorf("%s listens on %q", e.Name(), addresses)
		}
	}
}

// listening returns the addresses, in a table of /proc, of the sockets that
// listen on a port.
func listening(t *testing.T, table string, port int) []string {
	t.Helper()
	data, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.SplitSeq(string(data), "\n") {
		fields := strings.Fields(line)
		const listens = "0A"
		if len(fields) > 3 && fields[3] == listens {
			if address, ok := strings.CutSuffix(fields[1], fmt.Sprintf(":%04X", port)); ok {
				found = append(found, address)
			}
		}
	}
	return found
}
