package apigateway

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answers are answers over the wire, and what they are read as.
var answers = []struct {
	name, wire string
	status     int // 0: an error
	body       string
	last       bool
}{
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
	{"no reason", "HTTP/1.1 410\r\nContent-Length: 0\r\n\r\n", 410, "", false},
	{"lone line feeds", "HTTP/1.1 200 OK\ncontent-length:2\n\nok", 200, "ok", false},
	{"close", "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", 200, "", true},
	{"close in a list", "HTTP/1.1 200 OK\r\nConnection: x, close\r\nContent-Length: 0\r\n\r\n", 200, "", true},
	{"keep-alive", "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", 200, "", false},
	{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true},
	{"until the end", "HTTP/1.1 200 OK\r\n\r\nsome text", 200, "some text", true},
	{"no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", false},
	{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", false},
	{"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", false},
	{"chunks", "HTTP/1.1 500 X\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n0A \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", 500, "abc0123456789", false},
	{"the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
	{"giant", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", 200, "", true},
	{"giant until the end", "HTTP/1.1 410 OK\r\n\r\n" + strings.Repeat("x", maxBody+1), 410, "", true},
	{"giant chunk", "HTTP/1.1 410 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 410, "", true},
	{"giant chunks", "HTTP/1.1 410 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("x", 4096)+"\r\n", 17), 410, "", true},
	{"largest", "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n" + strings.Repeat("x", maxBody), 200, strings.Repeat("x", maxBody), false},
	{"half a body that failed", "HTTP/1.1 410 Gone\r\nContent-Length: 9\r\n\r\nhalf", 410, "", true},

	{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 0, "", false},
	{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", 0, "", false},
	{"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", 0, "", false},
	{"longer chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlonger\r\n0\r\n\r\n", 0, "", false},
	{"no size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", 0, "", false},
	{"endless trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("a: b\r\n", maxTrailers+1) + "\r\n", 0, "", false},
	{"half a head", "HTTP/1.1 200 OK\r\nContent-Le", 0, "", false},
	{"half a line", "HTTP/1.1 2", 0, "", false},
	{"nothing", "", 0, "", false},
	{"another protocol", "SSH-2.0-OpenSSH_9.6\r\n", 0, "", false},
	{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", 0, "", false},
	{"HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", 0, "", false},
	{"status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", 0, "", false},
	{"status of two digits", "HTTP/1.1 20 OK\r\n\r\n", 0, "", false},
	{"status without digits", "HTTP/1.1 2x0 OK\r\n\r\n", 0, "", false},
	{"low status", "HTTP/1.1 099 OK\r\n\r\n", 0, "", false},
	{"another protocol follows", "HTTP/1.1 101 Switching Protocols\r\n\r\n", 0, "", false},
	{"endless interim answers", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", maxInterim+1), 0, "", false},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk", 0, "", false},
	{"length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, "", false},
	{"bad length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 0, "", false},
	{"no length", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", 0, "", false},
	{"gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 0, "", false},
	{"no name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", 0, "", false},
	{"folded header", "HTTP/1.1 200 OK\r\nA: b\r\n c:d\r\n\r\n", 0, "", false},
	{"space after the name", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", 0, "", false},
	{"no colon", "HTTP/1.1 200 OK\r\nabc\r\n\r\n", 0, "", false},
	{"long line", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", readAhead) + "\r\n\r\n", 0, "", false},
	{"endless head", "HTTP/1.1 200 OK\r\n" + strings.Repeat("a: b\r\n", maxHeaders+1) + "\r\n", 0, "", false},
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range answers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := answer{body: []byte("of an earlier answer"), last: true, errorType: "of an earlier answer"}
			err := a.read(bufio.NewReaderSize(strings.NewReader(c.wire), readAhead))
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

// FuzzAnswer reads anything: it neither panics nor takes more memory than it
// may. What it and net/http both take is the same to both.
func FuzzAnswer(f *testing.F) {
	for _, c := range answers {
		f.Add([]byte(c.wire))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var a answer
		r := bufio.NewReaderSize(strings.NewReader(string(wire)), readAhead)
		err := a.read(r)
		if len(a.body) > maxBody || cap(a.body) > 2*maxBody {
			t.Errorf("keeps %d bytes in %d", len(a.body), cap(a.body))
		}
		if err != nil {
			return
		}
		if a.status < 200 || a.status > 999 {
			t.Errorf("read status %d", a.status)
		}
		theirs := bufio.NewReader(strings.NewReader(string(wire)))
		var want *http.Response
		for want == nil || want.StatusCode < 200 {
			if want, err = http.ReadResponse(theirs, nil); err != nil {
				return
			}
		}
		if want.StatusCode != a.status {
			t.Errorf("read status %d, net/http %d", a.status, want.StatusCode)
		}
		if body, err := io.ReadAll(want.Body); err == nil && !a.last && string(body) != string(a.body) {
			t.Errorf("read body %q, net/http %q", a.body, body)
		}
		if want.Close && !a.last {
			t.Error("would use a socket again that net/http closes")
		}
	})
}
