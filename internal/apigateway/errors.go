package apigateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/roomcast/roomcast/internal/realtime"
)

// maxMessage is how much of AWS's message an error quotes, in bytes. The
// longest useful ones name a role and a resource.
const maxMessage = 500

// failure is an answer other than a success.
type failure struct {
	status    int
	kind      string // AWS's name of the error, "" if there is none
	message   string
	requestID string
	sense     error // what package realtime knows it by, nil for the rest
}

// Error returns all that is known of the failure. Session tokens and frames
// are not among it.
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

// Unwrap returns what package realtime knows the failure by.
func (f *failure) Unwrap() error { return f.sense }

// sense returns what a status means. The status says it more surely than the
// error's type, which is lost when something between here and API Gateway
// answers.
func sense(status int) error {
	switch {
	case status == http.StatusGone:
		return realtime.ErrGone
	case status == http.StatusTooManyRequests:
		return realtime.ErrThrottled
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		// 403: this function may not post. 413: the frame is too large.
		return realtime.ErrRefused
	}
	return nil
}

// meaning returns what the answer says about a call: nil that it succeeded.
func (x *exchange) meaning(c call) error {
	a := &x.answer
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	return &failure{
		status: a.status, kind: printable(a.kind()), message: x.quotable(a.details().Message, c),
		requestID: printable(a.requestID), sense: sense(a.status),
	}
}

// details are what a body says about an error.
type details struct {
	Code    string
	Type    string `json:"__type"`
	Message string
}

// details reads the body. One that is no JSON, such as the page of a load
// balancer, says nothing.
func (a *answer) details() details {
	var d details
	if len(a.body) == 0 || json.Unmarshal(a.body, &d) != nil {
		return details{}
	}
	return d
}

// kind returns the type of the error from where AWS may write it, without the
// namespace before it and the address after it.
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
