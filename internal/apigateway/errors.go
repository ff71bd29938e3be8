package apigateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// maxMessage is how many bytes of AWS's message an error quotes. The longest useful
// messages name a role and a resource.
const maxMessage = 500

// failure is an answer with a status other than 2xx.
type failure struct {
	status    int
	kind      string // AWS's error type, such as GoneException; "" if unknown
	message   string
	requestID string
	sense     error // the error of package delivery for it; nil for none
}

// Error describes the failure. It contains no session token and no frame.
func (f *failure) Error() string {
	var b strings.Builder
	if f.sense != nil {
		fmt.Fprintf(&b, "%v: ", f.sense)
	}
	fmt.Fprintf(&b, "status %d", f.status)
	for _, part := range [...]struct{ before, text string }{{" ", f.kind}, {": ", f.message}, {" (request ", f.requestID}} {
		if part.text != "" {
			b.WriteString(part.before + part.text)
		}
	}
	if f.requestID != "" {
		b.WriteByte(')')
	}
	return b.String()
}

// Unwrap returns the error of package delivery for the failure, or nil.
func (f *failure) Unwrap() error { return f.sense }

// sense returns the error of package delivery for a status. The status is more
// reliable than the error's type, which is missing if a proxy or a load balancer
// answers instead of API Gateway.
func sense(status int) error {
	switch {
	case status == http.StatusGone:
		return delivery.ErrGone
	case status == http.StatusTooManyRequests:
		return delivery.ErrThrottled
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		// 403: this function may not post. 413: the frame is too large.
		return delivery.ErrRefused
	}
	return nil
}

// meaning returns the result of a call by its answer: nil if it succeeded.
func (x *exchange) meaning(c call) error {
	a := &x.answer
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	return &failure{
		status: a.status, kind: printable(a.kind()), message: x.redactMessage(a.details().Message, c),
		requestID: printable(a.requestID), sense: sense(a.status),
	}
}

// details is the body of an error.
type details struct {
	Code    string
	Type    string `json:"__type"`
	Message string
}

// details reads the body. It returns no details for a body that is not JSON, such as
// a load balancer's error page.
func (a *answer) details() details {
	var d details
	if len(a.body) == 0 || json.Unmarshal(a.body, &d) != nil {
		return details{}
	}
	return d
}

// kind returns the error's type from any of the places where AWS writes it, without
// the namespace before it and the address after it.
func (a *answer) kind() string {
	kind := a.errorType
	if kind == "" {
		d := a.details()
		if kind = d.Code; kind == "" {
			kind = d.Type
		}
	}
	kind, _, _ = strings.Cut(kind, ":")
	if _, name, ok := strings.Cut(kind, "#"); ok {
		return name
	}
	return kind
}
