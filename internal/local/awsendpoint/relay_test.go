package awsendpoint_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/faults"
)

// A token provider's keys reach a function through the endpoint, where faults can
// block them.
func TestRelayOfAKeySet(t *testing.T) {
	t.Parallel()
	provider := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/keys" || r.Header.Get("Authorization") != "" {
			http.Error(w, "asked for "+r.URL.Path, http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, `{"keys":[]}`)
	})
	injector := faults.New(1)
	for _, r := range []faults.Rule{
		{Service: "jwks", Function: "Chat", Resource: "*/keys", Nth: 2, Status: 503},
		{Service: "jwks", Function: "Chat", Nth: 3, Throttle: true},
		{Service: "jwks", Function: "Chat", Nth: 4, Reset: true},
		{Service: "jwks", Function: "Chat", Nth: 5, Latency: 100 * time.Millisecond},
	} {
		if _, err := injector.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	injector.Begin()
	f := open(t, awsendpoint.Config{Faults: injector})
	address, other := f.RelayKeySet("Chat", provider+"/keys"), f.RelayKeySet("Other", provider+"/keys")
	if address == other {
		t.Error("two functions have one address")
	}
	// A client retries by itself on a connection that it has used before.
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(url string) (int, string) {
		t.Helper()
		answer, err := fresh.Get(url)
		if err != nil {
			return 0, err.Error()
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Error(err)
		}
		return answer.StatusCode, string(body)
	}
	for call, want := range []int{200, 503, 429, 0} {
		if status, body := get(address); status != want || status == 200 && body != `{"keys":[]}` {
			t.Errorf("call %d: %d %s, want %d", call+1, status, body, want)
		}
	}
	began := time.Now()
	if status, _ := get(address); status != 200 || time.Since(began) < 100*time.Millisecond {
		t.Errorf("the slow call: %d after %v", status, time.Since(began))
	}
	if status, body := get(other); status != 200 {
		t.Errorf("another function: %d %s", status, body)
	}
	if status, _ := get(address[:strings.LastIndexByte(address, '/')] + "/guess"); status != http.StatusNotFound {
		t.Errorf("a made-up address: %d", status)
	}
	page := request(t, chat, address, "jwks", "", func(r *http.Request) {
		r.Method = http.MethodGet
		r.Header.Set("Origin", "https://evil.example")
	})
	if answer, _ := do(t, page); answer.StatusCode != http.StatusForbidden {
		t.Errorf("a web page: %s", answer.Status)
	}
}
