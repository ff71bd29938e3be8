package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// answerTimeout is how long a socket waits for the answer to a frame.
	answerTimeout = 8 * time.Second
	// sendTries is how often a socket sends an unanswered frame.
	sendTries = 3
	// shortHeartbeat is the heartbeat, in seconds, of sockets that never ping.
	shortHeartbeat = 2
)

// sendDuplicates carries out the steps of the duplicate senders. Each sends a
// message as two copies at the same time, on two sockets, like a client that
// takes a slow connection for a dead one.
func (r *run) sendDuplicates(ctx context.Context) {
	var all sync.WaitGroup
	for n, s := range r.schedule.Duplicates {
		if r.until(ctx, s.At) {
			all.Go(func() { r.sendDuplicate(ctx, n+1, s) })
		}
	}
	all.Wait()
}

func (r *run) sendDuplicate(ctx context.Context, n int, s Step) {
	user := fmt.Sprint("dup", n)
	var sockets []*socket
	for _, name := range []string{"a", "b"} {
		one, err := r.dial(ctx, user, user+"."+name)
		if err != nil {
			r.count("duplicatesRefused", 1)
			continue
		}
		defer one.close()
		if !one.join(ctx, s.Room) {
			r.count("duplicatesRefused", 1)
			continue
		}
		sockets = append(sockets, one)
	}
	if len(sockets) < 2 {
		return
	}
	if s.Fresh {
		r.trespass(ctx, user, s, sockets[0])
	}
	send := r.sending(&Send{Device: user, User: user, Room: s.Room, Text: user + " #1", Outcome: Open})
	frame := map[string]any{"action": "sendMessage", "roomId": s.Room, "message": send.Text, "clientId": user + "-1"}
	var copies sync.WaitGroup
	for _, one := range sockets {
		copies.Go(func() {
			for range sendTries {
				if one.ask(ctx, frame, "ack") {
					r.receipt(send, one.ack)
					return
				}
			}
		})
	}
	copies.Wait()
	r.conclude(send)
}

// trespass sends to a room that the socket is not in, and an unknown action.
func (r *run) trespass(ctx context.Context, user string, s Step, one *socket) {
	one.ask(ctx, map[string]any{"action": "dance"}, "error")
	one.ask(ctx, map[string]any{"action": "cursorMove", "roomId": s.Room, "position": map[string]int{"x": 1, "y": 1}}, "")
	at := slices.Index(r.schedule.Rooms, s.Room)
	other := r.schedule.Rooms[(at+1)%len(r.schedule.Rooms)]
	send := r.sending(&Send{Device: user, User: user, Room: other, Text: user + " #0", Outcome: Open})
	refused := one.ask(ctx, map[string]any{"action": "sendMessage", "roomId": other, "message": send.Text, "clientId": user + "-0"}, "error")
	r.mu.Lock()
	defer r.mu.Unlock()
	send.Outcome = Unknown
	if refused && one.code == "not_in_room" {
		send.Outcome, send.Code = Refused, one.code
	}
	r.observed[string(send.Outcome)]++
}

func (r *run) receipt(s *Send, ack Receipt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.take(ack)
}

// conclude records the outcome of a send when all copies are done.
func (r *run) conclude(s *Send) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Outcome = Unknown
	if len(s.Receipts) > 0 {
		s.Outcome = Acked
	}
	if len(s.Receipts) > 1 {
		r.observed["copiesAcked"]++
	}
	r.observed[string(s.Outcome)]++
}

// socket is a WebSocket without the client.
type socket struct {
	conn *websocket.Conn
	// ack and code are of the last answer.
	ack  Receipt
	code string
}

func (r *run) dial(ctx context.Context, user, device string) (*socket, error) {
	token, err := r.deviceToken(user)
	if err != nil {
		return nil, err
	}
	conn, err := r.open(ctx, user, device, token)
	if err != nil {
		return nil, err
	}
	return &socket{conn: conn}, nil
}

// close ends the connection. It does nothing for nil.
func (s *socket) close() {
	if s != nil {
		_ = s.conn.CloseNow()
	}
}

// join joins a room without a position.
func (s *socket) join(ctx context.Context, room string) bool {
	return s.ask(ctx, map[string]any{"action": "join", "roomId": room, "heartbeat": shortHeartbeat}, "joined")
}

// ask sends a frame and waits for an answer of a type, "" for none. It reports
// whether that answer came in time.
func (s *socket) ask(ctx context.Context, frame map[string]any, want string) bool {
	data, err := json.Marshal(frame)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if s.conn.Write(ctx, websocket.MessageText, data) != nil || want == "" {
		return want == ""
	}
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			return false
		}
		var answer struct {
			Type, ID, Code string
			Seq, Timestamp int64
		}
		if json.Unmarshal(data, &answer) != nil || isPushed(answer.Type) {
			continue
		}
		s.ack, s.code = Receipt{Seq: answer.Seq, ID: answer.ID, Timestamp: answer.Timestamp}, answer.Code
		return answer.Type == want
	}
}

// isPushed reports whether the server pushes frames of a type.
func isPushed(kind string) bool {
	return slices.Contains([]string{"message", "batch", "cursor", "notification"}, kind)
}
