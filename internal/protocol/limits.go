package protocol

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of the fields. Characters are Unicode code points.
const (
	// MaxName is the most characters of a roomId or a userId.
	MaxName = 128
	// MaxClientID is the most characters of a clientId.
	MaxClientID = 64
	// MaxMessage is the most bytes of UTF-8 in a message.
	MaxMessage = 16 << 10
	// MaxNotification is the most bytes of JSON in a notification.
	MaxNotification = 16 << 10
	// MaxEncoded is the most bytes of a message in JSON, where some characters
	// take six: such a message and all its names fit into a frame.
	MaxEncoded = 28 << 10
	// MaxFrame is the most bytes of a frame that the server sends, API
	// Gateway's own limit.
	MaxFrame = 32 << 10
	// PageBytes is how many bytes of messages, notifications or names a frame with
	// a list holds; the rest is for its other fields. A single message always
	// fits.
	PageBytes = MaxFrame - 3<<10
	// MaxUserIDs is the most users that one notify names.
	MaxUserIDs = 100
	// MaxColor is the most characters of a cursor's color.
	MaxColor = 32
	// MaxEpoch is the most characters of an epoch.
	MaxEpoch = 64
	// MaxDepth is the most levels of objects and arrays in one frame. It
	// keeps a notification readable for receivers with a small stack.
	MaxDepth = 32
	// MaxHistory is the most messages that one history asks for.
	MaxHistory = 100
	// DefaultHistory is how many messages a history without a limit gets.
	DefaultHistory = 50
	// MaxPingRooms is the most rooms that one ping names.
	MaxPingRooms = 100
	// MaxPingNames is the most bytes of JSON that the names of these rooms may
	// take together, so that the answer fits into a frame.
	MaxPingNames = 16 << 10
	// MaxNotificationID is the most characters of a notification's id.
	MaxNotificationID = 64
	// MaxAckIDs is the most notifications that one frame acknowledges.
	MaxAckIDs = 100
	// MaxHeartbeat is the longest heartbeat in seconds: API Gateway closes a
	// connection after 10 idle minutes.
	MaxHeartbeat = 600
	// MaxToken is the most bytes of a token. One in the URL of a handshake has to
	// fit in the 4,096 characters that API Gateway allows there.
	MaxToken = 8 << 10
	// MaxPresenceUsers is the most users that a presence frame names.
	MaxPresenceUsers = 100
)

// CheckRoomID returns what is wrong with a room's name, as an [*Error] of the
// field roomId, or nil.
func CheckRoomID(roomID string) error {
	return asError(checkText("roomId", roomID, 1, MaxName))
}

// CheckUserID returns what is wrong with a user's name, as an [*Error] of the
// named field, or nil.
func CheckUserID(field, userID string) error {
	return asError(checkText(field, userID, 1, MaxName))
}

// CheckNotificationID returns what is wrong with a notification's id, as an
// [*Error] of the named field, or nil.
func CheckNotificationID(field, id string) error {
	return asError(checkText(field, id, 1, MaxNotificationID))
}

// CheckMessage returns what is wrong with the text of a message, as an
// [*Error], or nil.
func CheckMessage(message string) error {
	return asError(checkMessage(message))
}

func checkMessage(message string) *Error {
	switch {
	case message == "":
		return Errorf(CodeBadField, "message: must not be empty")
	case len(message) > MaxMessage:
		return Errorf(CodeMessageTooLarge, "message: must be at most %d bytes of UTF-8, got %d", MaxMessage, len(message))
	case !utf8.ValidString(message):
		return Errorf(CodeBadField, "message: must be valid UTF-8")
	case EncodedSize(message) > MaxEncoded:
		return Errorf(CodeMessageTooLarge, "message: must be at most %d bytes in JSON, got %d", MaxEncoded, EncodedSize(message))
	}
	return nil
}

// EncodedSize returns the bytes of a text in JSON, quotes and a comma included.
func EncodedSize(text string) int {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a string can always be encoded
	return b.Len()       // the encoder's newline is as long as a comma
}

// CheckNotification returns what is wrong with the size and depth of a
// notification's JSON, as an [*Error], or nil. It does not check that it is
// JSON.
func CheckNotification(notification []byte) error {
	return asError(checkNotification(notification))
}

func checkNotification(notification []byte) *Error {
	switch {
	case len(notification) > MaxNotification:
		return Errorf(CodeMessageTooLarge, "notification: must be at most %d bytes of JSON, got %d", MaxNotification, len(notification))
	case deeperThan(notification, MaxDepth-1):
		return Errorf(CodeBadField, "notification: must be nested at most %d levels deep", MaxDepth-1)
	}
	return nil
}

// checkText checks a text of least to most characters.
func checkText(field, text string, least, most int) *Error {
	switch n := utf8.RuneCountInString(text); {
	case n < least || n > most:
		return Errorf(CodeBadField, "%s: must be %d to %d characters, got %d", field, least, most, n)
	case !utf8.ValidString(text):
		return Errorf(CodeBadField, "%s: must be valid UTF-8", field)
	case strings.ContainsFunc(text, unicode.IsControl):
		return Errorf(CodeBadField, "%s: must not contain control characters", field)
	}
	return nil
}

// deeperThan reports whether JSON nests objects and arrays more than most
// levels deep. It needs no stack, so it is safe on any input, JSON or not.
func deeperThan(json []byte, most int) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range json {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; depth > most {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// asError keeps a nil *Error from becoming an error that is not nil.
func asError(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}
