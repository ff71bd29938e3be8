package fanout

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// frame is what the bench reads of one that comes from the stack.
type frame struct {
	Type     string `json:"type"`
	Code     string `json:"code"`
	ClientID string `json:"clientId"`
	Message  string `json:"message"`
	// Frames are those of a batch.
	Frames []frame `json:"frames"`
}

// dial connects a user to a room of the stack.
func dial(ctx context.Context, stack, user, room string) (*websocket.Conn, error) {
	query := url.Values{"userId": {user}, "roomId": {room}}
	conn, _, err := websocket.Dial(ctx, stack+"?"+query.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("bench fanout: connect %s: %w", user, err)
	}
	conn.SetReadLimit(128 << 10)
	return conn, nil
}

// read reads the frames that come, those of a batch one by one, until the
// connection ends.
func read(ctx context.Context, conn *websocket.Conn, each func(frame)) error {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			return fmt.Errorf("bench fanout: the frame %.100q: %w", data, err)
		}
		if f.Type != "batch" {
			each(f)
			continue
		}
		for _, part := range f.Frames {
			each(part)
		}
	}
}

// sender is a member of a room with a real connection.
type sender struct {
	room string
	conn *websocket.Conn
	acks chan frame // acks and errors
	next int
}

func newSender(ctx context.Context, stack, room string) (*sender, error) {
	conn, err := dial(ctx, stack, "sender-"+room, room)
	if err != nil {
		return nil, err
	}
	s := &sender{room: room, conn: conn, acks: make(chan frame, 16)}
	go func() {
		_ = read(ctx, conn, func(f frame) {
			if f.Type == "ack" || f.Type == "error" {
				s.acks <- f
			}
		})
		close(s.acks)
	}()
	return s, nil
}

// send sends a message of so many bytes. It returns when it was sent, and how
// long its ack took.
func (s *sender) send(ctx context.Context, text string) (time.Time, time.Duration, error) {
	s.next++
	clientID := strconv.Itoa(s.next) + "-" + s.room
	data, err := json.Marshal(map[string]string{"action": "sendMessage", "roomId": s.room, "message": text, "clientId": clientID})
	if err != nil {
		return time.Time{}, 0, err
	}
	sent := time.Now()
	if err := s.conn.Write(ctx, websocket.MessageText, data); err != nil {
		return sent, 0, fmt.Errorf("bench fanout: send: %w", err)
	}
	timeout := time.NewTimer(30 * time.Second)
	defer timeout.Stop()
	for {
		select {
		case f, ok := <-s.acks:
			switch {
			case !ok:
				return sent, 0, fmt.Errorf("bench fanout: the sender's connection ended")
			case f.Type == "error":
				return sent, 0, fmt.Errorf("bench fanout: the stack answers a message with the error %s", f.Code)
			case f.ClientID == clientID:
				return sent, time.Since(sent), nil
			}
		case <-timeout.C:
			return sent, 0, fmt.Errorf("bench fanout: no ack came within 30 s")
		case <-ctx.Done():
			return sent, 0, ctx.Err()
		}
	}
}

func (s *sender) close() { _ = s.conn.CloseNow() } // of no interest any more
