package e2e_test

import (
	"errors"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// AWS's time limits, ten minutes and two hours, can be set to seconds.
func TestUpSetsTimeLimits(t *testing.T) {
	t.Parallel()
	u := startUp(t, "--assembly", assembly, "--no-site", "--idle-timeout", "2s", "--max-age", "6s")
	began := time.Now()
	idle, busy := connectTo(t, u.ready.WebSocketURL), connectTo(t, u.ready.WebSocketURL)
	closed := make(chan time.Duration, 1)
	go func() {
		checkGoingAway(t, idle)
		closed <- time.Since(began)
	}()
	go func() {
		for t.Context().Err() == nil && busy.Write(t.Context(), websocket.MessageText, []byte(`{"action":"ping"}`)) == nil {
			time.Sleep(50 * time.Millisecond)
		}
	}()
	checkGoingAway(t, busy)
	age := time.Since(began)
	if quiet := <-closed; quiet < 2*time.Second || age < 6*time.Second || quiet >= age {
		t.Errorf("the idle connection was closed after %v, the busy one after %v", quiet, age)
	}
}

func connectTo(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url+"?userId=ada&roomId=limits", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// checkGoingAway reads until the connection is closed, and checks how.
func checkGoingAway(t *testing.T, conn *websocket.Conn) {
	for {
		_, _, err := conn.Read(t.Context())
		if err == nil {
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != websocket.StatusGoingAway {
			t.Errorf("the connection ended with %v, want close code 1001", err)
		}
		return
	}
}
