package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// warmUp sends messages one after the other, in a room of their own with one
// member, and returns how long the first one's ack took: the cold start of the
// functions and the engines, which a run then does not measure.
func (c Chat) warmUp(ctx context.Context) (cold time.Duration, err error) {
	if c.WarmUp == 0 {
		return 0, nil
	}
	query := url.Values{"userId": {"warm-up"}, "roomId": {"warm-up"}}
	conn, _, err := websocket.Dial(ctx, c.URL+"?"+query.Encode(), nil)
	if err != nil {
		return 0, fmt.Errorf("bench chat: connect to warm up: %w", err)
	}
	defer func() { _ = conn.CloseNow() }()
	for i := range c.WarmUp {
		begin := time.Now()
		if err := sendAndAwaitAck(ctx, conn, "warm-up-"+strconv.Itoa(i)); err != nil {
			return 0, fmt.Errorf("bench chat: warm up: %w", err)
		}
		if i == 0 {
			cold = time.Since(begin)
		}
	}
	return cold, nil
}

func sendAndAwaitAck(ctx context.Context, conn *websocket.Conn, clientID string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	frame, err := json.Marshal(map[string]string{
		"action": "sendMessage", "roomId": "warm-up", "message": "warm up", "clientId": clientID,
	})
	if err != nil {
		return err
	}
	if err := conn.Write(ctx, websocket.MessageText, frame); err != nil {
		return err
	}
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var reply struct{ Type, Code, ClientID string }
		if err := json.Unmarshal(data, &reply); err != nil {
			return fmt.Errorf("the frame %.100s: %w", data, err)
		}
		switch {
		case reply.Type == "error":
			return fmt.Errorf("the stack answered the error %s", reply.Code)
		case reply.Type == "ack" && reply.ClientID == clientID:
			return nil
		}
	}
}
