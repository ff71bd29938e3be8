package awsendpoint

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/roomcast/roomcast/internal/local/sqsquery"
)

// readForm converts a request in SQS's older protocol to JSON, so that both are
// authorized and forwarded in the same way. The queue may be in the path.
func (ep *Endpoint) readForm(c *call, r *http.Request) *refusal {
	if r.Method != http.MethodPost || r.URL.RawQuery != "" || len(r.Header.Values("Content-Type")) != 1 {
		return &refusal{http.StatusBadRequest, "MalformedQueryString", "expected a POST with one Content-Type and without a query"}
	}
	operation, members, err := sqsquery.Request(string(c.body))
	if err != nil {
		return &refusal{http.StatusBadRequest, "MalformedQueryString", "The request body is not understood: " + err.Error()}
	}
	if operation == "" {
		return &refusal{http.StatusBadRequest, "MissingAction", "expected a parameter Action"}
	}
	if path := r.URL.EscapedPath(); path != "/" {
		given, _ := members["QueueUrl"].(string)
		if given != "" && !strings.HasSuffix(given, path) {
			return &refusal{http.StatusNotFound, "InvalidAddress", "The address " + path + " is not that of the queue " + given + "."}
		}
		members["QueueUrl"] = ep.URL() + path
	}
	if c.body, err = json.Marshal(members); err != nil {
		return serialization(err)
	}
	c.form = operation
	r.URL.Path, r.URL.RawPath = "/", ""
	r.Header = http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Target": {targets["sqs"][0] + "." + operation}}
	return nil
}

// formAnswer collects an answer in JSON and writes it as XML at its end.
type formAnswer struct {
	http.ResponseWriter
	operation string
	status    int
	body      bytes.Buffer
}

// WriteHeader stores the status.
func (a *formAnswer) WriteHeader(status int) { a.status = status }

// Write stores a part of the answer.
func (a *formAnswer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.body.Write(p)
}

// Unwrap gives faults access to the connection.
func (a *formAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// end writes the answer, if there is one.
func (a *formAnswer) end() {
	if a.status == 0 {
		return
	}
	text, err := sqsquery.Answer(a.operation, a.body.Bytes())
	if a.status != http.StatusOK || err != nil {
		text = a.failure()
	}
	header := a.Header()
	for _, name := range [...]string{"Content-Length", "X-Amzn-Query-Error", "X-Amzn-Errortype"} {
		header.Del(name)
	}
	header.Set("Content-Type", "text/xml")
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(text) // it fails only if the caller has disconnected
}

// failure converts an error. Its code in the older protocol is in a header.
func (a *formAnswer) failure() []byte {
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(a.body.Bytes(), &e) // decoded JSON can be encoded
	code, fault, _ := strings.Cut(a.Header().Get("X-Amzn-Query-Error"), ";")
	if code == "" {
		code = e.Type[strings.LastIndexByte(e.Type, '#')+1:]
	}
	return sqsquery.Error(code, e.Message, fault == "Sender" || fault == "" && a.status < http.StatusInternalServerError)
}
