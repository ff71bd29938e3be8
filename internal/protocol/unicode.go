package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// WellFormed reports whether JSON is valid UTF-8 in which every escaped
// surrogate has its other half. JSON decoders in Go replace anything else with
// U+FFFD, so that two different texts would become the same. It is safe on any
// input, JSON or not.
func WellFormed(json []byte) bool {
	if !utf8.Valid(json) {
		return false
	}
	for {
		at := bytes.IndexByte(json, '\\')
		if at < 0 {
			return true
		}
		json = json[at:]
		first, ok := escaped(json)
		switch {
		case !ok:
			json = json[min(2, len(json)):] // an escape of one character
			continue
		case utf16.IsSurrogate(first):
			second, _ := escaped(json[escapeSize:])
			if utf16.DecodeRune(first, second) == utf8.RuneError {
				return false
			}
			json = json[escapeSize:]
		}
		json = json[escapeSize:]
	}
}

// escapeSize is the length of an escape by four digits, such as \u00e9.
const escapeSize = 6

// escaped returns the code unit of the escape by four digits with which JSON
// begins; false when it begins with none.
func escaped(json []byte) (rune, bool) {
	if len(json) < escapeSize || json[0] != '\\' || json[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(json[2:escapeSize]), 16, 16)
	return rune(unit), err == nil
}

// IllFormed returns the path of the first ill-formed text in a JSON value with
// this path, such as rooms[2].roomId. Fields are checked in the order of their
// names. If a field's name is ill-formed, the path is that of the value.
func IllFormed(path string, value json.RawMessage) string {
	var list []json.RawMessage
	var object map[string]json.RawMessage
	switch {
	case json.Unmarshal(value, &list) == nil:
		for i, v := range list {
			if !WellFormed(v) {
				return IllFormed(fmt.Sprintf("%s[%d]", path, i), v)
			}
		}
	case json.Unmarshal(value, &object) == nil:
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if !WellFormed(object[name]) {
				return IllFormed(join(path, name), object[name])
			}
		}
	}
	return path
}

// maxPath is about how many bytes of a path an error shows.
const maxPath = 200

// join adds the name of a field to a path, unless that would be too long. The
// first name is cut instead.
func join(path, name string) string {
	switch {
	case len(path)+len(name) <= maxPath && path != "":
		return path + "." + name
	case path != "":
		return path
	case len(name) > maxPath:
		return strings.ToValidUTF8(name[:maxPath], "") + "…"
	}
	return name
}

// checkUnicode refuses a frame that is not well-formed Unicode, and names the
// field.
func checkUnicode(body []byte) *Error {
	if WellFormed(body) {
		return nil
	}
	if field := IllFormed("", body); field != "" {
		return Errorf(CodeBadField, "%s: must be well-formed Unicode, got invalid UTF-8 or half of a surrogate pair", field)
	}
	return Errorf(CodeBadFrame, "the frame must be well-formed Unicode, including the names of its fields")
}
