package member_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/lab/bench/member"
	"github.com/roomcast/roomcast/internal/lab/bench/member/membertest"
)

func TestAChatTimesEveryDelivery(t *testing.T) {
	t.Parallel()
	url := membertest.Start(t, 1)
	c, err := member.NewChat(t.Context(), "lobby", 4, func(ctx context.Context, n int) (*websocket.Conn, error) {
		return member.Dial(ctx, url, member.Open("ada", "lobby"))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	took, err := c.Phase(t.Context(), 50, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	// Three of four members get each message, and the fourth's are missed.
	if len(took) < 6 || len(took)%3 != 0 || c.Missing() != len(took)/3 {
		t.Errorf("%d deliveries, %d missing", len(took), c.Missing())
	}
}

func TestARefusalIsAnError(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_, _, _ = conn.Read(r.Context())
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"type":"error","code":"rate_limited"}`))
	}))
	t.Cleanup(server.Close)
	conn, err := member.Dial(t.Context(), strings.Replace(server.URL, "http", "ws", 1), member.Open("ada", "lobby"))
	if err != nil {
		t.Fatal(err)
	}
	s := member.NewSender(t.Context(), conn, "lobby", nil)
	defer s.Close()
	_, _, err = s.Send(t.Context(), "hi")
	var refused *member.RefusedError
	if !errors.As(err, &refused) || refused.Code != "rate_limited" {
		t.Errorf("got %v", err)
	}
}

func TestAFailedHandshakeShowsNoToken(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	url := strings.Replace(server.URL, "http", "ws", 1)
	query := map[string][]string{"token": {"a-secret"}}
	_, refused := member.Dial(t.Context(), url, query)
	server.Close()
	_, failed := member.Dial(t.Context(), url, query)
	for want, err := range map[string]error{"404": refused, "refused": failed} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "a-secret") {
			t.Errorf("got %v, want %s and no token", err, want)
		}
	}
}
