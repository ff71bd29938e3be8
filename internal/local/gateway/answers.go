package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// writeError answers an @connections request with an error as the AWS SDKs read
// it: the type in a header, the message in the body.
func writeError(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("X-Amzn-ErrorType", errorType)
	writeMessage(w, status, message)
}

// writeGone is the answer for a connection that is not open: it has ended, or
// its $connect has not returned yet.
func writeGone(w http.ResponseWriter) {
	writeError(w, http.StatusGone, "GoneException", "Gone")
}

// writeNoRoute is the answer on a path or method that the API does not have.
func writeNoRoute(w http.ResponseWriter, r *http.Request) {
	writeError(w, http.StatusForbidden, "ForbiddenException",
		fmt.Sprintf("No method found matching route %s for http method %s.", r.URL.Path, r.Method))
}

// writeMessage answers with a JSON object that holds a message.
func writeMessage(w http.ResponseWriter, status int, message string) {
	body, err := json.Marshal(map[string]string{"message": message})
	if err != nil {
		body = []byte(`{}`)
	}
	writeJSON(w, status, string(body))
}

// writeJSON answers with a JSON body. Every answer has a request id, which the
// SDKs log.
func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-RequestId", newID())
	w.WriteHeader(status)
	// A client that has gone does not need its answer.
	_, _ = io.WriteString(w, body)
}
