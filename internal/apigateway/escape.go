package apigateway

// appendEscaped appends a path segment. As AWS requires, it escapes every byte but
// letters, digits, "-", ".", "_" and "~".
func appendEscaped(b []byte, part string) []byte {
	return appendWithEscapes(b, part, "%")
}

// appendEscapedTwice appends a path segment as it is signed: escaped twice. All
// services but S3 sign paths this way.
func appendEscapedTwice(b []byte, part string) []byte {
	return appendWithEscapes(b, part, "%25")
}

func appendWithEscapes(b []byte, part, percent string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(part) {
		c := part[i]
		if isPlain[c] {
			b = append(b, c)
			continue
		}
		b = append(b, percent...)
		b = append(b, digits[c>>4], digits[c&15])
	}
	return b
}

// isPlain has the bytes that AWS does not escape.
var isPlain = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			c == '-' || c == '.' || c == '_' || c == '~'
	}
	return plain
}()
