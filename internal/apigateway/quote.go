package apigateway

import (
	"strings"
	"unicode"
)

// recognizable is how much of a secret or a frame is looked for in a message,
// in bytes.
const recognizable = 32

// withheld is quoted in place of a message that holds what it must not.
const withheld = "(a message that quotes the request)"

// quotable returns as much of a message as an error may quote. When a signature
// is wrong, AWS's message quotes the whole request with its session token.
// That part comes after the first line, or else nothing is quoted.
func (x *exchange) quotable(message string, c call) string {
	message, _, _ = strings.Cut(strings.TrimSpace(message), "\n")
	for _, secret := range [...]string{
		x.key.credentials.AccessKeyID, x.key.credentials.SecretAccessKey, x.key.credentials.SessionToken,
		string(c.frame.Data[:min(len(c.frame.Data), recognizable)]),
	} {
		if secret != "" && strings.Contains(message, secret[:min(len(secret), recognizable)]) {
			return withheld
		}
	}
	return printable(message)
}

// printable returns a text on one line and of no more than maxMessage bytes.
func printable(text string) string {
	if len(text) > maxMessage {
		text = text[:maxMessage] + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
