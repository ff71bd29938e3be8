package sigv4

import "errors"

// Error says why a signature does not hold, in AWS's words.
type Error struct {
	// Code is AWS's name of the error, such as "InvalidSignatureException".
	Code string
	// Message is for people.
	Message string
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Codes of the errors of this package.
const (
	// MissingToken is the code when a request is not signed at all.
	MissingToken = "MissingAuthenticationTokenException"
	// Incomplete is the code when a part of the signature is missing or cannot
	// be understood.
	Incomplete = "IncompleteSignatureException"
	// Invalid is the code when a signature is wrong, too old, or made for
	// something else.
	Invalid = "InvalidSignatureException"
	// Unrecognized is the code when nobody has such an access key or session
	// token.
	Unrecognized = "UnrecognizedClientException"
)

// As returns err as an *Error, or nil if it is none.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// ErrUnknownClient refuses an access key or session token that does not exist.
var ErrUnknownClient error = &Error{Unrecognized, "The security token included in the request is invalid."}

func missingToken() error { return &Error{MissingToken, "Missing Authentication Token"} }

func incomplete(message string) error { return &Error{Incomplete, message} }

func invalid(message string) error { return &Error{Invalid, message} }
