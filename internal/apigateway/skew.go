package apigateway

import (
	"net/http"
	"slices"
	"time"
)

// maxSkew is how wrong the time of a refused signature has to have been for
// that to be the cause. AWS takes signatures that are up to 5 min off.
const maxSkew = 4 * time.Minute

// skewKinds are the types of errors that a wrong clock may cause.
var skewKinds = []string{
	"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture",
	"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "AccessDeniedException",
}

// skew is how much is added to this machine's clock to sign, as far as an
// answer told that the clock is wrong.
func (s *signer) skew() time.Duration { return time.Duration(s.clock.Load()) }

// correctClock tells whether a call failed because it was signed at a wrong
// time. If so, later signatures are made by the server's clock.
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
