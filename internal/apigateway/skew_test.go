package apigateway

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// TestWrongClock signs by a clock that is wrong until the server's answer
// corrects it.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		wrong     time.Duration // error of the clock
		kind      string
		date      string // "": the right one
		status    int
		tries     int64
		corrected bool
	}{
		{"right", 0, "InvalidSignatureException", "", 403, 1, false},
		{"slow", -time.Hour, "InvalidSignatureException", "", 403, 2, true},
		{"fast", time.Hour, "RequestTimeTooSkewed", "", 403, 2, true},
		{"a little", maxSkew - time.Minute, "SignatureDoesNotMatch", "", 403, 1, false},
		{"another error", time.Hour, "ForbiddenException", "", 403, 1, false},
		{"another status", time.Hour, "InvalidSignatureException", "", 400, 1, false},
		{"no date", time.Hour, "InvalidSignatureException", "-", 403, 1, false},
		{"bad date", time.Hour, "InvalidSignatureException", "yesterday", 403, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int64
			p := newPoster(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)
				signed, err := time.Parse(timeFormat, r.Header.Get("X-Amz-Date"))
				if err != nil {
					t.Error(err)
				}
				if c.corrected && time.Since(signed).Abs() < maxSkew {
					return
				}
				switch c.date {
				case "":
				case "-":
					w.Header()["Date"] = nil
				default:
					w.Header().Set("Date", c.date)
				}
				w.Header().Set("X-Amzn-ErrorType", c.kind+":http://x")
				w.WriteHeader(c.status)
			})
			wrong := c.wrong
			p.now = func() time.Time { return time.Now().Add(wrong) }
			post := func(want int64) {
				t.Helper()
				err := p.Post(t.Context(), "c1", frame)
				if (err == nil) != c.corrected || tries.Load() != want {
					t.Errorf("got %v after %d tries, want %d", err, tries.Load(), want)
				}
			}
			post(c.tries)
			if !c.corrected {
				return
			}
			post(c.tries + 1) // it remembers
			wrong = 0         // the clock was set right
			post(c.tries + 3)
		})
	}
}
