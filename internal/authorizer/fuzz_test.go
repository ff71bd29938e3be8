package authorizer

import (
	"strings"
	"testing"
)

// FuzzTokenOf looks for a token in any handshake: a token that it finds was in
// one of the places, and was the only one.
func FuzzTokenOf(f *testing.F) {
	f.Add("a.b.c", "", "", true, false, false)
	f.Add("", "roomcast, a.b.c", "", false, true, false)
	f.Add("", "a,roomcast,,b", "Bearer a", false, true, true)
	f.Add("x", "\troomcast\r\n", "bearer  x", true, true, true)
	f.Fuzz(func(t *testing.T, query, offered, authorization string, inQuery, inOffer, inHeader bool) {
		var e event
		e.MultiValueQueryStringParameters, e.MultiValueHeaders = values{}, values{}
		var came []string
		if inQuery {
			e.MultiValueQueryStringParameters["token"] = []string{query}
			came = append(came, query)
		}
		if inOffer {
			e.MultiValueHeaders["Sec-WebSocket-Protocol"] = []string{offered}
			came = append(came, offered)
		}
		if inHeader {
			e.MultiValueHeaders["authorization"] = []string{authorization}
			came = append(came, authorization)
		}
		token, err := tokenOf(e)
		if err != nil {
			if token != "" {
				t.Errorf("%q came with the error %v", token, err)
			}
			return
		}
		if inQuery && token != query {
			t.Errorf("%q counts, and %q came in the query", token, query)
		}
		if !strings.Contains(strings.Join(came, "\n"), token) {
			t.Errorf("%q counts, of %q", token, came)
		}
	})
}
