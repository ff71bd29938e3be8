package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
)

// header has the used fields of a token's header. Keys that it contains or
// points to (jwk, jku, x5c, x5u) are ignored: a token must not vouch for
// itself.
type header struct {
	algorithm string
	keyID     string // "" if it names none
}

// alphabet has the characters of a token: those of base64url, and the dot. Go's
// decoder ignores line breaks, which would allow many spellings of one token.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

// types has the accepted values of typ, in lower case. An OpenID provider signs
// other things with the same keys, such as logout tokens.
var types = map[string]bool{"jwt": true, "at+jwt": true, "application/at+jwt": true}

// readHeader reads the header of a token of three parts.
func readHeader(text string) (header, error) {
	first, rest, _ := strings.Cut(text, ".")
	if strings.Count(rest, ".") != 1 || strings.Trim(text, alphabet) != "" {
		return header{}, Malformed
	}
	fields, err := readObject(first)
	if err != nil {
		return header{}, err
	}
	for _, field := range fields {
		if !protocol.WellFormed(field) {
			return header{}, Malformed
		}
	}
	// A critical extension, and a payload that is not encoded.
	if fields["crit"] != nil || fields["b64"] != nil {
		return header{}, Malformed
	}
	var h header
	for name, value := range map[string]*string{"alg": &h.algorithm, "kid": &h.keyID} {
		if fields[name] != nil && (fields[name][0] != '"' || json.Unmarshal(fields[name], value) != nil) {
			return header{}, Malformed
		}
	}
	if raw, there := fields["typ"]; there {
		var kind string
		if json.Unmarshal(raw, &kind) != nil || !types[strings.ToLower(kind)] {
			return header{}, Malformed
		}
	}
	return h, nil
}

// readObject reads a part of a token: a JSON object without duplicate names, of
// which one reader would use the first and another the last.
func readObject(part string) (map[string]json.RawMessage, error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, Malformed
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, Malformed
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, Malformed
		}
		var value json.RawMessage
		text := name.(string)
		// U+FFFD may stand for invalid Unicode, and so for another name.
		if err := d.Decode(&value); err != nil || fields[text] != nil || strings.ContainsRune(text, utf8.RuneError) {
			return nil, Malformed
		}
		fields[text] = value
	}
	if end, err := d.Token(); err != nil || end != json.Delim('}') || d.InputOffset() != int64(len(bytes.TrimRight(data, " \t\r\n"))) {
		return nil, Malformed
	}
	return fields, nil
}
