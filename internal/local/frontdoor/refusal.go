package frontdoor

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
)

// refusal is an error that the front door answers with itself.
type refusal struct {
	status  int
	code    string
	message string
}

// write answers in the protocol that the request speaks: each AWS protocol
// carries errors in its own way.
func (e refusal) write(w http.ResponseWriter, r *http.Request, service string) {
	content := r.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(content, "application/x-www-form-urlencoded"):
		e.writeXML(w, queryError{Type: e.faultOf(), Code: e.code, Message: e.message})
	case service == "s3":
		e.writeXML(w, s3Error{Code: e.code, Message: e.message})
	default:
		if !strings.HasPrefix(content, "application/x-amz-json-") {
			content = "application/json"
		}
		e.writeJSON(w, content)
	}
}

func (e refusal) faultOf() string {
	if e.status < http.StatusInternalServerError {
		return "Sender"
	}
	return "Receiver"
}

func (e refusal) writeJSON(w http.ResponseWriter, contentType string) {
	body, err := json.Marshal(map[string]string{"__type": e.code, "message": e.message})
	if err != nil {
		panic(err) // two strings always marshal
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-ErrorType", e.code)
	w.WriteHeader(e.status)
	_, _ = w.Write(body) // the caller has gone if this fails
}

// queryError is the error of the query protocol (SNS, STS, CloudWatch, ...).
type queryError struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`
}

// s3Error is the error of S3.
type s3Error struct {
	XMLName xml.Name `xml:"Error"`
	Code    string   `xml:"Code"`
	Message string   `xml:"Message"`
}

func (e refusal) writeXML(w http.ResponseWriter, v any) {
	body, err := xml.Marshal(v)
	if err != nil {
		panic(err) // a handful of strings always marshal
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.status)
	_, _ = w.Write(body) // the caller has gone if this fails
}
