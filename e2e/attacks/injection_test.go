package attacks_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcasttest"
)

func TestInjectionIntoHandshakes(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	ada := d.token(t, "ada")
	for _, h := range []struct {
		what, outcome string
		query, lines  string
		status        int
	}{
		{"line ends in the token of the query", "401, and no header of it in the answer", "token=x%0d%0aX-Evil:%20yes", "", 401},
		{"line ends in `roomId`", "400, and no header of it in the answer", "token=" + ada + "&roomId=a%0d%0aX-Evil:%20yes", "", 400},
		{"a NUL in `roomId`", "400", "token=" + ada + "&roomId=a%00b", "", 400},
		{"invalid UTF-8 in `roomId`", "400", "token=" + ada + "&roomId=a%ff", "", 400},
		{"half of a surrogate pair in `roomId`", "400", "token=" + ada + "&roomId=a%ed%a0%80", "", 400},
		{"an empty `roomId`", "400", "token=" + ada + "&roomId=", "", 400},
		{"an invalid percent code", "API Gateway: 400 or without that parameter", "token=" + ada + "&roomId=%zz", "", 0},
		{"the token twice in the query, once empty", "401", "token=&token=" + ada, "", 401},
		{"the token in brackets", "401", "token[]=" + ada, "", 401},
		{"a semicolon between parameters", "401: no separator", "x=1;token=" + ada, "", 401},
		{"a query of 5,000 characters", "API Gateway: 414", "token=" + ada + "&x=" + strings.Repeat("x", 5000), "", 414},
		{"junk among the subprotocols", "401", "", "Sec-WebSocket-Protocol: roomcast, \"<script>\", ;;;, =\r\n", 401},
		{"a subprotocol that is not an HTTP token", "401", "", "Sec-WebSocket-Protocol: roomcast, a b\tc\r\n", 401},
		{"2,000 subprotocols", "401", "", "Sec-WebSocket-Protocol: roomcast" + strings.Repeat(", x", 2000) + "\r\n", 401},
		{"the token and roomcast in two lines of header", "101 with roomcast only: not an attack", "", "Sec-WebSocket-Protocol: roomcast\r\nSec-WebSocket-Protocol: " + ada + "\r\n", 101},
		{"a folded line of header", "API Gateway: 400, or 401", "", "Sec-WebSocket-Protocol: roomcast,\r\n " + ada + "x\r\n", 0},
		{"a NUL in a header", "API Gateway: 400", "token=" + ada, "X-Junk: a\x00b\r\n", 400},
		{"a header name with a space", "API Gateway: 400", "token=" + ada, "X Junk: a\r\n", 400},
		{"two lengths of a body (request smuggling)", "API Gateway: 400", "token=" + ada, "Content-Length: 5\r\nContent-Length: 6\r\n", 400},
	} {
		attempt(t, h.what, h.outcome, func(t *testing.T) {
			r := tcp(t, d.Stack).handshake(t, h.query, h.lines)
			if h.status != 0 && r.StatusCode != h.status || h.status == 0 && r.StatusCode == 500 {
				t.Errorf("status %d, want %d", r.StatusCode, h.status)
			}
			if r.Header.Get("X-Evil") != "" {
				t.Errorf("the answer has the header: %v", r.Header)
			}
			answer := fmt.Sprint(r.Header)
			if r.StatusCode != 101 {
				body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<10))
				answer += string(body)
			}
			if strings.Contains(answer, "eyJ") || strings.Contains(answer, "<script>") {
				t.Errorf("the answer repeats what came: %s", answer)
			}
		})
	}
}

// TestInjectionIntoLogs writes into everything that might be logged. The end of
// every test here checks that each line of the logs is one JSON object, without
// a token or a user's text.
func TestInjectionIntoLogs(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	const forged = "x\n{\"level\":\"ERROR\",\"message\":\"forged\"}\r\n\x1b[2J\u2028\u202e"
	const outcome = "one JSON object a line, without it"
	eve := d.with(t, "eve", object{"rooms": []string{"*"}, "notify": []string{"*"}}, "roomId", "lobby")
	for _, h := range []struct {
		what    string
		options []roomcasttest.DialOption
	}{
		{"line ends and escape sequences in a token", query("token", forged)},
		{"the same in the user of a signed token", query("token", d.token(t, forged))},
		{"the same in `roomId` of the query", query("token", d.token(t, "eve"), "roomId", forged)},
		{"the same in `userId` of the query", query("token", "x", "userId", forged)},
	} {
		attempt(t, h.what, outcome, func(t *testing.T) {
			if got := status(t, d.Stack, h.options); got != 400 && got != 401 {
				t.Errorf("status %d", got)
			}
		})
	}
	attempt(t, "the same in the User-Agent", outcome, func(t *testing.T) {
		s := tcp(t, d.Stack)
		if r := s.handshake(t, "token=x", "User-Agent: forged\x1b[2J{}\r\n"); r.StatusCode != 400 && r.StatusCode != 401 {
			t.Errorf("status %d", r.StatusCode)
		}
	})
	for _, f := range []struct {
		what  string
		frame object
	}{
		{"an `action`", object{"action": forged}},
		{"a `roomId`", object{"action": "join", "roomId": forged}},
		{"an `epoch`", object{"action": "join", "roomId": "lobby", "since": 1, "epoch": forged}},
		{"a `userId` to notify", object{"action": "notify", "userId": forged, "notification": 1}},
		{"an id to acknowledge", object{"action": "ackNotification", "ids": []string{forged}}},
		{"the token of a refresh", object{"action": "refresh", "token": forged}},
	} {
		attempt(t, "the same in "+f.what, outcome, func(t *testing.T) {
			if got := ask(eve, f.frame); got.Type() != "error" {
				t.Errorf("answered with %v", got)
			}
		})
	}
	attempt(t, "the same in a `clientId`", outcome, func(t *testing.T) {
		eve.Send(object{"action": "ping", "clientId": forged})
		eve.Await("error")
	})
	attempt(t, "the same in a message, while the table fails and every failure is logged", outcome, func(t *testing.T) {
		down := d.Inject(t, roomcasttest.Fault{Service: "dynamodb", Function: "Chat/Messages", Status: 500})
		refused(t, eve, object{"action": "sendMessage", "message": forged + whisper}, "unavailable")
		down.Remove()
		roomcasttest.Eventually(t, "the failure is logged", func() bool { return len(d.LogsOf("Chat/Messages")) > 0 })
	})
	time.Sleep(100 * time.Millisecond) // the output arrives
	for _, line := range d.Logs() {
		if strings.Contains(line, "forged") {
			t.Errorf("the logs have what was sent: %q", line)
		}
	}
}
