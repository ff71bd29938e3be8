package fanout

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func startServer(t *testing.T, latency time.Duration) *server {
	t.Helper()
	s, err := newServer(latency)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return s
}

func postTo(t *testing.T, s *server, connection, body string) string {
	t.Helper()
	response, err := http.Post("http://"+s.address()+"/prod/@connections/"+connection, "", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.Status + string(text)
}

func TestServerAnswersEachPostAfterTheLatencyAndCounts(t *testing.T) {
	t.Parallel()
	const latency = 20 * time.Millisecond
	s := startServer(t, latency)
	s.tally.reset(3)
	big := strings.Repeat("x", meteredBytes+1)
	began := time.Now()
	var wg sync.WaitGroup
	for n, body := range []string{"a", "bc", big, big} {
		wg.Go(func() {
			if got := postTo(t, s, connectionID(n%3), body); got != "200 OK" {
				t.Errorf("got %q", got)
			}
		})
	}
	wg.Wait()
	if took := time.Since(began); took < latency {
		t.Errorf("answered after %v", took)
	}
	<-s.tally.complete()
	got := s.tally.count()
	if got.Posts != 4 || got.Members != 3 || got.Bytes != int64(3+2*len(big)) || got.Billed != 6 || got.MostInAir < 2 || got.MostInAir > 4 {
		t.Errorf("got %+v", got)
	}
	if got.First < began.UnixNano() || time.Duration(got.Last-got.First) < latency {
		t.Errorf("first %d, last %d", got.First, got.Last)
	}
	s.tally.reset(1)
	if got := s.tally.count(); got != (Count{}) {
		t.Errorf("after a reset: %+v", got)
	}
}

func TestServerHandsOthersOnToTheGateway(t *testing.T) {
	t.Parallel()
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Amzn-ErrorType", "GoneException")
		w.WriteHeader(http.StatusGone)
		_, _ = io.WriteString(w, r.Host+r.URL.Path+string(body))
	}))
	t.Cleanup(gateway.Close)
	s := startServer(t, time.Hour)
	address := strings.TrimPrefix(gateway.URL, "http://")
	s.gateway.Store(&address)
	for range 2 { // the second over the same sockets
		want := "410 Gone" + s.address() + "/prod/@connections/R0oXAdfD0kwCH6w=hi"
		if got := postTo(t, s, "R0oXAdfD0kwCH6w=", "hi"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := s.tally.count(); got.Posts != 0 {
		t.Errorf("counted %+v", got)
	}
}
