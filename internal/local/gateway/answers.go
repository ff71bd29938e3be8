package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// An answer is the answer to an @connections request.
type answer struct {
	status    int
	errorType string // the AWS SDKs' name of the error; "" for a success
	body      string // JSON, or nothing
}

// Answers that are always the same.
var (
	// gone is the answer for a connection that has ended, or whose $connect has not
	// returned yet.
	gone             = answer{http.StatusGone, "GoneException", message("Gone")}
	payloadTooLarge  = answer{http.StatusRequestEntityTooLarge, "PayloadTooLargeException", message("Message too long")}
	clientBufferFull = answer{http.StatusTooManyRequests, "LimitExceededException", message("The client side buffer is full")}
	tooManyRequests  = answer{http.StatusTooManyRequests, "LimitExceededException", message("Too Many Requests")}
)

// write sends the answer with a request ID, which the SDKs log.
func (a answer) write(w http.ResponseWriter) {
	if a.errorType != "" {
		w.Header().Set("X-Amzn-ErrorType", a.errorType)
	}
	if a.body != "" {
		writeJSON(w, a.status, a.body)
		return
	}
	w.Header().Set("X-Amzn-RequestId", newID())
	w.WriteHeader(a.status)
}

// writeError sends an error in the format of the AWS SDKs: the type in a header,
// the message in the body.
func writeError(w http.ResponseWriter, status int, errorType, text string) {
	answer{status, errorType, message(text)}.write(w)
}

// writeNoRoute answers requests to a path or method that the API does not have.
func writeNoRoute(w http.ResponseWriter, r *http.Request) {
	writeError(w, http.StatusForbidden, "ForbiddenException",
		fmt.Sprintf("No method found matching route %s for http method %s.", r.URL.Path, r.Method))
}

// message returns a JSON object with a message.
func message(text string) string {
	body, err := json.Marshal(map[string]string{"message": text})
	if err != nil {
		return `{}`
	}
	return string(body)
}

// writeJSON sends a JSON body.
func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-RequestId", newID())
	w.WriteHeader(status)
	// It fails only if the client has disconnected.
	_, _ = io.WriteString(w, body)
}
