package sigv4_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/sigv4"
)

// parse reads a request as a server does.
func parse(t testing.TB, wire string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// FuzzParse reads any header and any query: Parse neither panics nor believes
// a signature that lacks a part, and whatever it reads does not verify unless
// it is the SDK's.
func FuzzParse(f *testing.F) {
	good := signed(f, "POST", "http://127.0.0.1/", "", nil)
	authorization := good.Header.Get("Authorization")
	f.Add(authorization, "")
	f.Add("AWS4-HMAC-SHA256 Credential=A/20260304/us-east-1/sqs/aws4_request,SignedHeaders=host,Signature=00", "")
	f.Add("AWS4-HMAC-SHA256 Credential=//////aws4_request, SignedHeaders=;;host;, Signature=", "a=%2")
	f.Add("", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260304%2Fr%2Fs%2Faws4_request&X-Amz-Date=20260304T235958Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature="+strings.Repeat("0", 64))
	f.Add("AWS4-HMAC-SHA256 =,=", "&&=&%zz")
	f.Fuzz(func(t *testing.T, header, query string) {
		r := good.Clone(t.Context())
		r.URL.RawQuery = query
		r.Header["Authorization"] = []string{header}
		if header == "" {
			delete(r.Header, "Authorization")
		}
		q, err := sigv4.Parse(r)
		if err != nil {
			if sigv4.As(err) == nil {
				t.Fatalf("%v is no *sigv4.Error", err)
			}
			return
		}
		if q.AccessKeyID == "" || q.Region == "" || q.Service == "" || len(q.Date) != 8 || len(q.Signature) != 64 || q.SignedHeaders == "" {
			t.Errorf("half a signature was believed: %+v", q)
		}
		if err := secret().Verify(q, r, nil, signedAt); err == nil && (header != authorization || query != "") &&
			!strings.Contains(authorization, q.Signature) {
			t.Errorf("verified a signature nobody made: %+v", q)
		}
	})
}
