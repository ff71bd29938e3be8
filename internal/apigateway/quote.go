package apigateway

import (
	"strings"
	"unicode"
)

// recognizable is how many bytes of a secret or a frame are searched for in a
// message.
const recognizable = 32

// withheld replaces a message that contains a secret or a frame.
const withheld = "(a message that quotes the request)"

// redactMessage returns the part of AWS's message that an error may quote. If a
// signature is wrong, AWS's message has the whole request in it, with the session
// token. That part comes after the first line. If a secret or the frame is in the
// first line, nothing is quoted.
func (x *exchange) redactMessage(message string, c call) string {
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

// printable returns a text as one line of at most maxMessage bytes.
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
