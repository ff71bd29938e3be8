package apigateway

import (
	"net/http"
	"slices"
	"time"
)

// maxSkew is how far the time of a signature has to be off for a refusal to be
// blamed on the clock. AWS accepts signatures that are up to 5 min off.
const maxSkew = 4 * time.Minute

// skewKinds are the error types that a wrong clock may cause.
var skewKinds = []string{
	"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture",
	"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "AccessDeniedException",
}

// skew is added to this machine's clock for signatures. It is 0 until an answer shows
// that the clock is wrong.
func (s *signer) skew() time.Duration { return time.Duration(s.clock.Load()) }

// correctClock reports whether a call failed because its signature had a wrong time.
// If so, later signatures use the server's clock.
func (s *signer) correctClock(x *exchange, now time.Time) bool {
	a := &x.answer
	if a.status != http.StatusForbidden || a.date == "" || !slices.Contains(skewKinds, a.kind()) {
		return false
	}
	at, err := http.ParseTime(a.date)
	if err != nil {
		return false
	}
	skew := at.Sub(now)
	if (skew - x.skew).Abs() <= maxSkew {
		return false
	}
	s.clock.Store(int64(skew))
	return true
}
