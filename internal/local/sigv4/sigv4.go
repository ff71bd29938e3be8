package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeFormat = "20060102T150405Z"
	dateLength = len("20060102")
)

// Request is the signature of a request. Secret.Verify checks it.
type Request struct {
	// AccessKeyID names the credentials.
	AccessKeyID string
	// Date, Region and Service are the rest of the credential scope. Date has the
	// format 20060102.
	Date, Region, Service string
	// SignedHeaders are the names of the signed headers, in lower case, sorted and
	// separated by semicolons.
	SignedHeaders string
	// Signature is in lower-case hexadecimal.
	Signature string
	// Timestamp is the time of the signature, in the format 20060102T150405Z.
	Timestamp string
	// Time is Timestamp, parsed.
	Time time.Time
	// SessionToken is the session token of temporary credentials, else "".
	SessionToken string
	// Presigned reports whether the signature is in the query.
	Presigned bool
	// Expires is how long a presigned request is valid, else 0.
	Expires time.Duration
}

// Parse reads the signature of a request from its Authorization header or, if
// presigned, from its query. The error is an *Error.
func Parse(r *http.Request) (Request, error) {
	if header := r.Header["Authorization"]; len(header) > 0 {
		return parseHeader(r, header[0])
	}
	if strings.Contains(r.URL.RawQuery, "X-Amz-") {
		return parseQuery(r)
	}
	return Request{}, missingToken()
}

func parseHeader(r *http.Request, header string) (Request, error) {
	fields, ok := strings.CutPrefix(header, algorithm)
	if !ok {
		return Request{}, missingToken()
	}
	var q Request
	var scope string
	for fields != "" {
		var field string
		field, fields, _ = strings.Cut(fields, ",")
		name, value, isPair := strings.Cut(strings.TrimSpace(field), "=")
		var into *string
		switch name {
		case "Credential":
			into = &scope
		case "SignedHeaders":
			into = &q.SignedHeaders
		case "Signature":
			into = &q.Signature
		}
		if !isPair || into == nil || *into != "" {
			return Request{}, incomplete("'" + field + "' is no parameter of the Authorization header, or one too many")
		}
		*into = value
	}
	q.Timestamp = r.Header.Get("X-Amz-Date")
	q.SessionToken = r.Header.Get("X-Amz-Security-Token")
	return q.check(scope, "Authorization header", "Credential", "Signature", "SignedHeaders", "X-Amz-Date")
}

func parseQuery(r *http.Request) (Request, error) {
	query := r.URL.Query()
	if query.Get("X-Amz-Algorithm") != algorithm {
		return Request{}, missingToken()
	}
	q := Request{
		Presigned:     true,
		SignedHeaders: query.Get("X-Amz-SignedHeaders"),
		Signature:     query.Get("X-Amz-Signature"),
		Timestamp:     query.Get("X-Amz-Date"),
		SessionToken:  query.Get("X-Amz-Security-Token"),
	}
	seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	if err != nil || seconds < 1 || seconds > maxExpires {
		return Request{}, incomplete("X-Amz-Expires must be a number of seconds between 1 and 604800")
	}
	q.Expires = time.Duration(seconds) * time.Second
	return q.check(query.Get("X-Amz-Credential"), "AWS query-string parameters", "X-Amz-Credential",
		"X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
}

// maxExpires is AWS's limit, a week in seconds.
const maxExpires = 7 * 24 * 60 * 60

// check splits the credential scope and refuses incomplete signatures. where and
// the names are the places of the parts in the request.
func (q Request) check(scope, where, credential, signature, signedHeaders, date string) (Request, error) {
	for _, part := range [...]struct{ name, value string }{
		{credential, scope}, {signature, q.Signature}, {signedHeaders, q.SignedHeaders}, {date, q.Timestamp},
	} {
		if part.value == "" {
			return Request{}, incomplete(where + " requires '" + part.name + "' parameter.")
		}
	}
	if !q.splitScope(scope) {
		return Request{}, incomplete("'" + scope + "' is no valid credential: it needs the form <access key>/<date>/<region>/<service>/" + terminator)
	}
	if !isHex(q.Signature) {
		return Request{}, invalid("the signature is not of 64 lower-case hexadecimal digits")
	}
	if !namesHost(q.SignedHeaders) {
		return Request{}, invalid("'Host' must be a 'SignedHeader' in the AWS Signature.")
	}
	var err error
	if q.Time, err = time.Parse(timeFormat, q.Timestamp); err != nil {
		return Request{}, incomplete("Date must be in ISO-8601 'basic format'. Got '" + q.Timestamp + "'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	if q.Date != q.Timestamp[:dateLength] {
		return Request{}, invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			q.Date + "' != '" + q.Timestamp[:dateLength] + "', from '" + q.Timestamp + "'.")
	}
	return q, nil
}

// splitScope splits KEY/DATE/REGION/SERVICE/aws4_request from its end, because a
// key may contain slashes.
func (q *Request) splitScope(scope string) bool {
	rest, ok := strings.CutSuffix(scope, "/"+terminator)
	if !ok {
		return false
	}
	for _, part := range [...]*string{&q.Service, &q.Region, &q.Date} {
		i := strings.LastIndexByte(rest, '/')
		if i < 0 {
			return false
		}
		rest, *part = rest[:i], rest[i+1:]
	}
	q.AccessKeyID = rest
	return rest != "" && q.Service != "" && q.Region != "" && len(q.Date) == dateLength
}

func isHex(signature string) bool {
	if len(signature) != 64 {
		return false
	}
	for _, c := range []byte(signature) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func namesHost(signedHeaders string) bool {
	for name := range strings.SplitSeq(signedHeaders, ";") {
		if name == "host" {
			return true
		}
	}
	return false
}
