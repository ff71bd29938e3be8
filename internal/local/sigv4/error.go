package sigv4

import "errors"

// Error says why a signature is invalid, in AWS's words.
type Error struct {
	// Code is AWS's error name, such as "InvalidSignatureException".
	Code string
	// Message is the message for people.
	Message string
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Codes of the errors of this package.
const (
	// MissingToken is the code of an unsigned request.
	MissingToken = "MissingAuthenticationTokenException"
	// Incomplete is the code for a missing or malformed part of the signature.
	Incomplete = "IncompleteSignatureException"
	// Invalid is the code for a wrong or expired signature, or one for something
	// else.
	Invalid = "InvalidSignatureException"
	// Unrecognized is the code for an unknown access key or session token.
	Unrecognized = "UnrecognizedClientException"
)

// As returns err as an *Error, or nil.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// ErrUnknownClient refuses an unknown access key or session token.
var ErrUnknownClient error = &Error{Unrecognized, "The security token included in the request is invalid."}

func missingToken() error { return &Error{MissingToken, "Missing Authentication Token"} }

func incomplete(message string) error { return &Error{Incomplete, message} }

func invalid(message string) error { return &Error{Invalid, message} }
