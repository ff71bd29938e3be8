package awsendpoint

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/sigv4"
)

// refusal is an error that the endpoint answers itself.
type refusal struct {
	status  int
	code    string
	message string
}

// refuse returns the refusal for a denial, in the format of a service.
func refuse(service string, d *access.Denial) *refusal {
	status := http.StatusForbidden
	switch service {
	case "dynamodb", "secretsmanager", "ssm":
		status = http.StatusBadRequest
	}
	return &refusal{status, d.Code, d.Message}
}

// queryCodes has the codes of AWS's older protocol that differ. SQS still sends
// both, and SDKs use the older ones.
var queryCodes = map[string]string{
	access.AccessDenied:    "AccessDenied",
	sigv4.Unrecognized:     "InvalidClientTokenId",
	sigv4.Invalid:          "SignatureDoesNotMatch",
	sigv4.Incomplete:       "IncompleteSignature",
	sigv4.MissingToken:     "MissingAuthenticationToken",
	"QueueDoesNotExist":    "AWS.SimpleQueueService.NonExistentQueue",
	"UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
}

// queryCode returns the error's code in AWS's older protocol.
func (e refusal) queryCode() string {
	if code := queryCodes[e.code]; code != "" {
		return code
	}
	return e.code
}

// write writes the error in the protocol of the request.
func (e refusal) write(w http.ResponseWriter, r *http.Request, service string) {
	content := r.Header.Get("Content-Type")
	switch {
	case isQueryProtocol(r):
		e.writeXML(w, queryError{Type: e.faultOf(), Code: e.queryCode(), Message: e.message})
	case service == "s3":
		e.writeXML(w, s3Error{Code: e.code, Message: e.message})
	default:
		if !strings.HasPrefix(content, "application/x-amz-json-") {
			content = "application/json"
		}
		if service == "sqs" {
			w.Header().Set("X-Amzn-Query-Error", e.queryCode()+";"+e.faultOf())
		}
		e.writeJSON(w, content, service == "dynamodb")
	}
}

func (e refusal) faultOf() string {
	if e.status < http.StatusInternalServerError {
		return "Sender"
	}
	return "Receiver"
}

// writeJSON writes the error as JSON, with the checksum that DynamoDB's SDKs
// expect.
func (e refusal) writeJSON(w http.ResponseWriter, contentType string, checksum bool) {
	body, err := json.Marshal(map[string]string{"__type": e.code, "message": e.message})
	if err != nil {
		panic(err) // strings always marshal
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-ErrorType", e.code)
	if checksum {
		w.Header().Set("X-Amz-Crc32", checksumOf(body))
	}
	w.WriteHeader(e.status)
	_, _ = w.Write(body) // it fails only if the caller has disconnected
}

// queryError is an error of the query protocol (SNS, STS, CloudWatch, ...).
type queryError struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`
}

// s3Error is an error of S3.
type s3Error struct {
	XMLName xml.Name `xml:"Error"`
	Code    string   `xml:"Code"`
	Message string   `xml:"Message"`
}

func (e refusal) writeXML(w http.ResponseWriter, v any) {
	body, err := xml.Marshal(v)
	if err != nil {
		panic(err) // strings always marshal
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.status)
	_, _ = w.Write(body) // it fails only if the caller has disconnected
}
