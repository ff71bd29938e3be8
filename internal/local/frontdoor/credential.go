package frontdoor

import (
	"net/http"
	"strings"
)

// credential is what a request's signature says about its caller. The
// signature itself is not checked.
type credential struct {
	accessKeyID string
	service     string
}

// credentialOf reads the credential scope, KEY/DATE/REGION/SERVICE/aws4_request,
// from the Authorization header or, in a presigned request, from the query.
func credentialOf(r *http.Request) (credential, bool) {
	var scope string
	if header := r.Header.Get("Authorization"); header != "" {
		rest, ok := strings.CutPrefix(header, "AWS4-")
		_, rest, found := strings.Cut(rest, "Credential=")
		if !ok || !found {
			return credential{}, false
		}
		scope, _, _ = strings.Cut(rest, ",")
	} else if strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		scope = r.URL.Query().Get("X-Amz-Credential")
	}
	parts := strings.Split(strings.TrimSpace(scope), "/")
	if len(parts) < 5 || parts[len(parts)-1] != "aws4_request" {
		return credential{}, false
	}
	// The key id comes first and might, in theory, hold slashes itself.
	key := strings.Join(parts[:len(parts)-4], "/")
	service := parts[len(parts)-2]
	return credential{accessKeyID: key, service: service}, key != "" && service != ""
}
