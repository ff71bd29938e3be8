package sigv4_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/sigv4"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	good := signed(t, "POST", "http://127.0.0.1/", "x", nil).Header.Get("Authorization")
	for _, c := range []struct{ name, authorization, date, code, says string }{
		{"nothing at all", "", "", sigv4.MissingToken, "Missing Authentication Token"},
		{"another scheme", "Bearer abc", "", sigv4.MissingToken, ""},
		{"no parameters", "AWS4-HMAC-SHA256", "", sigv4.Incomplete, "'Credential'"},
		{"no credential", drop(good, "Credential"), "", sigv4.Incomplete, "Authorization header requires 'Credential' parameter."},
		{"no signature", drop(good, "Signature"), "", sigv4.Incomplete, "'Signature'"},
		{"no signed headers", drop(good, "SignedHeaders"), "", sigv4.Incomplete, "'SignedHeaders'"},
		{"no date", good, " ", sigv4.Incomplete, "'X-Amz-Date'"},
		{"an odd date", good, "20260304", sigv4.Incomplete, "ISO-8601"},
		{"a day that is not", good, "20260399T000000Z", sigv4.Incomplete, "ISO-8601"},
		{"another day than the scope", good, "20260305T000000Z", sigv4.Invalid, "'20260304' != '20260305'"},
		{"a parameter twice", good + ", Signature=00", "", sigv4.Incomplete, "one too many"},
		{"a parameter nobody knows", good + ", Colour=blue", "", sigv4.Incomplete, "Colour"},
		{"a scope too short", strings.Replace(good, "/us-east-1", "", 1), "", sigv4.Incomplete, "credential"},
		{"a scope without a service", strings.Replace(good, "/execute-api", "/", 1), "", sigv4.Incomplete, "credential"},
		{"another end of the scope", strings.Replace(good, "aws4_request", "aws5_request", 1), "", sigv4.Incomplete, "credential"},
		{"the host not signed", strings.Replace(good, "host;", "ghost;", 1), "", sigv4.Invalid, "'Host'"},
		{"a signature in capitals", strings.Replace(good, "Signature=", "Signature=A", 1), "", sigv4.Invalid, "hexadecimal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/", strings.NewReader("x"))
			r.Header.Set("X-Amz-Date", "20260304T235958Z")
			if c.date != "" {
				r.Header.Set("X-Amz-Date", strings.TrimSpace(c.date))
			}
			if c.authorization != "" {
				r.Header.Set("Authorization", c.authorization)
			}
			_, err := sigv4.Parse(r)
			if e := sigv4.As(err); e == nil || e.Code != c.code || !strings.Contains(e.Message, c.says) {
				t.Errorf("got %v, want %s that says %q", err, c.code, c.says)
			}
		})
	}
}

// drop takes a parameter out of an Authorization header.
func drop(authorization, name string) string {
	scheme, parameters, _ := strings.Cut(authorization, " ")
	var kept []string
	for p := range strings.SplitSeq(parameters, ", ") {
		if !strings.HasPrefix(p, name+"=") {
			kept = append(kept, p)
		}
	}
	return scheme + " " + strings.Join(kept, ", ")
}

func TestAnAccessKeyMayHoldSlashes(t *testing.T) {
	t.Parallel()
	r := signed(t, "POST", "http://127.0.0.1/", "x", nil)
	replace("ASIAEXAMPLE", "A/B")(r)
	q, err := sigv4.Parse(r)
	if err != nil || q.AccessKeyID != "A/B" || q.Service != "execute-api" || q.Region != "us-east-1" || q.Date != "20260304" {
		t.Errorf("got %+v, %v", q, err)
	}
}
