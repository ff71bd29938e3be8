package apigateway

// appendEscaped appends a part of a path with every byte escaped that AWS
// wants escaped: all but letters, digits, "-", ".", "_" and "~".
func appendEscaped(b []byte, part string) []byte {
	return appendWithEscapes(b, part, "%")
}

// appendEscapedTwice appends a part of a path as it is signed: escaped, and
// the escapes escaped once more. All services but S3 sign paths like that.
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

// isPlain tells which bytes AWS leaves as they are.
var isPlain = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			c == '-' || c == '.' || c == '_' || c == '~'
	}
	return plain
}()
