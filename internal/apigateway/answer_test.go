package apigateway

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// answers are raw answers and how they are read. net/http parses them; the rows are
// about the poster's use of the result.
var answers = []struct {
	name, wire string
	status     int // 0: an error
	body       string
	last       bool
}{
	{"success", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", false},
	{"success with a body", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
	{"no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", false},
	{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", false},
	{"failure", "HTTP/1.1 410 Gone\r\nContent-Length: 2\r\n\r\nno", 410, "no", false},
	{"chunks", "HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", 500, "abc0123456789", false},
	{"chunks of a success", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "ok", false},
	{"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", false},

	{"close", "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", 200, "", true},
	{"close in a list", "HTTP/1.1 200 OK\r\nConnection: x, close\r\nContent-Length: 0\r\n\r\n", 200, "", true},
	{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true},
	{"until the end", "HTTP/1.1 410 Gone\r\n\r\nsome text", 410, "some text", true},

	{"largest", "HTTP/1.1 410 Gone\r\nContent-Length: 65536\r\n\r\n" + strings.Repeat("x", maxBody), 410, strings.Repeat("x", maxBody), false},
	{"giant", "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + strings.Repeat("x", maxBody+1), 200, "", true},
	{"giant until the end", "HTTP/1.1 410 Gone\r\n\r\n" + strings.Repeat("x", maxBody+1), 410, "", true},
	{"giant chunks", "HTTP/1.1 410 Gone\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("x", 4096)+"\r\n", 17), 410, "", true},
	{"half a body that failed", "HTTP/1.1 410 Gone\r\nContent-Length: 9\r\n\r\nhalf", 410, "", true},
	{"half a chunk that failed", "HTTP/1.1 410 Gone\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", 410, "", true},

	{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 0, "", false},
	{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", 0, "", false},
	{"half a head", "HTTP/1.1 200 OK\r\nContent-Le", 0, "", false},
	{"half a line", "HTTP/1.1 2", 0, "", false},
	{"nothing", "", 0, "", false},
	{"another protocol", "SSH-2.0-OpenSSH_9.6\r\n", 0, "", false},
	{"another protocol follows", "HTTP/1.1 101 Switching Protocols\r\n\r\n", 0, "", false},
	{"low status", "HTTP/1.1 099 OK\r\n\r\n", 0, "", false},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk", 0, "", false},
	{"endless interim answers", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", maxInterim+1), 0, "", false},
	{"endless line", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", maxAnswer) + "\r\n\r\n", 0, "", false},
	{"endless head", "HTTP/1.1 200 OK\r\n" + strings.Repeat("a: b\r\n", maxAnswer/6) + "\r\n", 0, "", false},
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range answers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := answer{body: []byte("of an earlier answer"), last: true, errorType: "of an earlier answer"}
			err := a.read(readerOf(strings.NewReader(c.wire)))
			if c.status == 0 {
				if err == nil {
					t.Errorf("read %d with body %q, want an error", a.status, a.body)
				}
				return
			}
			if err != nil || a.status != c.status || string(a.body) != c.body || a.last != c.last || a.errorType != "" {
				t.Errorf("read %d with a body of %d bytes, last %t (error %v), want %d with %d, %t", a.status, len(a.body), a.last, err, c.status, len(c.body), c.last)
			}
		})
	}
}

// readerOf reads an answer with the same limit as an exchange.
func readerOf(r io.Reader) *bufio.Reader {
	return bufio.NewReaderSize(io.LimitReader(r, maxAnswer), readAhead)
}

// FuzzAnswer reads anything: it neither panics nor keeps more than it may.
func FuzzAnswer(f *testing.F) {
	for _, c := range answers {
		f.Add([]byte(c.wire))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var a answer
		err := a.read(readerOf(strings.NewReader(string(wire))))
		if len(a.body) > maxBody {
			t.Errorf("keeps %d bytes", len(a.body))
		}
		if err == nil && a.status < 200 {
			t.Errorf("read status %d", a.status)
		}
	})
}
