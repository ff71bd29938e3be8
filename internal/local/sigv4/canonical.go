package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// appendCanonical appends the canonical request, which client and service sign.
func appendCanonical(b []byte, q Request, r *http.Request, body []byte) []byte {
	b = append(b, r.Method...)
	b = append(b, '\n')
	path := r.URL.EscapedPath() // as received
	if path == "" {
		path = "/"
	}
	b = appendEscaped(b, path, true)
	b = append(b, '\n')
	b = appendQuery(b, r.URL.RawQuery, q.Presigned)
	b = append(b, '\n')
	for name := range strings.SplitSeq(q.SignedHeaders, ";") {
		b = append(b, name...)
		b = append(b, ':')
		b = appendHeader(b, r, name)
		b = append(b, '\n')
	}
	b = append(b, '\n')
	b = append(b, q.SignedHeaders...)
	b = append(b, '\n')
	sum := sha256.Sum256(body)
	return hex.AppendEncode(b, sum[:])
}

// appendHeader appends a header's values, separated by commas, with normalized
// spaces.
func appendHeader(b []byte, r *http.Request, name string) []byte {
	switch name {
	case "host":
		return append(b, r.Host...)
	case "content-length":
		// net/http may keep it only in the request.
		return strconv.AppendInt(b, max(r.ContentLength, 0), 10)
	}
	for i, value := range r.Header[textproto.CanonicalMIMEHeaderKey(name)] {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTrimmed(b, value)
	}
	return b
}

// appendTrimmed appends a value without surrounding spaces, and with one space for
// several.
func appendTrimmed(b []byte, value string) []byte {
	value = strings.Trim(value, " ")
	for i := range len(value) {
		if value[i] == ' ' && value[i-1] == ' ' {
			continue
		}
		b = append(b, value[i])
	}
	return b
}

// appendQuery appends the query's parameters in AWS's escaping, sorted by name and
// value, without the signature.
func appendQuery(b []byte, raw string, presigned bool) []byte {
	if raw == "" {
		return b
	}
	type parameter struct{ name, value string }
	var parameters []parameter
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if pair == "" || presigned && name == "X-Amz-Signature" {
			continue
		}
		parameters = append(parameters, parameter{reescape(name), reescape(value)})
	}
	slices.SortFunc(parameters, func(a, b parameter) int {
		if byName := strings.Compare(a.name, b.name); byName != 0 {
			return byName
		}
		return strings.Compare(a.value, b.value)
	})
	for i, p := range parameters {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(b, p.name...)
		b = append(b, '=')
		b = append(b, p.value...)
	}
	return b
}

// reescape converts the escapes of a part of a query to AWS's form.
func reescape(part string) string {
	plain := make([]byte, 0, len(part))
	for i := 0; i < len(part); i++ {
		switch c := part[i]; {
		case c == '+':
			plain = append(plain, ' ')
		case c == '%' && i+2 < len(part):
			var decoded [1]byte
			if _, err := hex.Decode(decoded[:], []byte(part[i+1:i+3])); err == nil {
				c = decoded[0]
				i += 2
			}
			plain = append(plain, c)
		default:
			plain = append(plain, c)
		}
	}
	return string(appendEscaped(nil, string(plain), false))
}

// appendEscaped appends a text and escapes everything but letters, digits, "-",
// "_", ".", "~" and, in a path, "/".
func appendEscaped(b []byte, text string, path bool) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			c == '-' || c == '_' || c == '.' || c == '~' || c == '/' && path {
			b = append(b, c)
			continue
		}
		b = append(b, '%', digits[c>>4], digits[c&15])
	}
	return b
}
