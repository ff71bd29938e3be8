package member

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// Frame is what the bench reads of one that comes from the stack.
type Frame struct {
	Type     string `json:"type"`
	Code     string `json:"code"`
	ClientID string `json:"clientId"`
	Message  string `json:"message"`
	// Frames are the frames of a batch.
	Frames []Frame `json:"frames"`
}

// Open is the query by which a user connects to a room of an open stack.
func Open(userID, roomID string) url.Values {
	return url.Values{"userId": {userID}, "roomId": {roomID}}
}

// Dial connects to the stack at a WebSocket URL. The error does not show the
// query, which may hold a token.
func Dial(ctx context.Context, stack string, query url.Values) (*websocket.Conn, error) {
	conn, answer, err := websocket.Dial(ctx, stack+"?"+query.Encode(), nil)
	if err != nil {
		if answer != nil {
			return nil, fmt.Errorf("bench: connect to %s: the stack answers %s", stack, answer.Status)
		}
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err
		}
		return nil, fmt.Errorf("bench: connect to %s: %w", stack, err)
	}
	conn.SetReadLimit(128 << 10)
	return conn, nil
}

// Read reads the frames that come, those of a batch one by one, until the
// connection ends.
func Read(ctx context.Context, conn *websocket.Conn, each func(Frame)) error {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var f Frame
		if err := json.Unmarshal(data, &f); err != nil {
			return fmt.Errorf("bench: the frame %.100q: %w", data, err)
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

// Sender is a member of a room with a real connection.
type Sender struct {
	room string
	conn *websocket.Conn
	acks chan Frame // acks and errors
	next int
}

// NewSender makes a member of a room from its connection. heard gets every
// message that comes; nil for nobody.
func NewSender(ctx context.Context, conn *websocket.Conn, room string, heard func(text string)) *Sender {
	s := &Sender{room: room, conn: conn, acks: make(chan Frame, 16)}
	go func() {
		_ = Read(ctx, conn, func(f Frame) {
			switch f.Type {
			case "message":
				if heard != nil {
					heard(f.Message)
				}
			case "ack", "error":
				s.acks <- f
			}
		})
		close(s.acks)
	}()
	return s
}

// RefusedError says that the stack answered a message with an error.
type RefusedError struct {
	// Code is the error's.
	Code string
}

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("bench: the stack answers a message with the error %s", e.Code)
}

// Send sends a message and waits for its ack. It returns when it was sent, and
// how long its ack took. The error is a [*RefusedError] if the stack refuses it.
func (s *Sender) Send(ctx context.Context, text string) (time.Time, time.Duration, error) {
	s.next++
	clientID := strconv.Itoa(s.next) + "-" + s.room
	data, err := json.Marshal(map[string]string{"action": "sendMessage", "roomId": s.room, "message": text, "clientId": clientID})
	if err != nil {
		return time.Time{}, 0, err
	}
	sent := time.Now()
	if err := s.conn.Write(ctx, websocket.MessageText, data); err != nil {
		return sent, 0, fmt.Errorf("bench: send: %w", err)
	}
	timeout := time.NewTimer(30 * time.Second)
	defer timeout.Stop()
	for {
		select {
		case f, ok := <-s.acks:
			switch {
			case !ok:
				return sent, 0, errors.New("bench: the sender's connection ended")
			case f.Type == "error":
				return sent, 0, &RefusedError{Code: f.Code}
			case f.ClientID == clientID:
				return sent, time.Since(sent), nil
			}
		case <-timeout.C:
			return sent, 0, errors.New("bench: no ack came within 30 s")
		case <-ctx.Done():
			return sent, 0, ctx.Err()
		}
	}
}

// Close ends the connection.
func (s *Sender) Close() { _ = s.conn.CloseNow() } // of no interest any more
