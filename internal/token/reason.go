package token

import "errors"

// Reason is the error of a token that is refused: why, in a few words. It holds
// nothing of the token, so that it can be logged and shown.
type Reason string

// The reasons.
const (
	// Malformed: it is no signed JSON web token, its header asks for what is
	// not supported, or a name or a time in it is missing or wrong.
	Malformed Reason = "malformed"
	// TooLarge: it has more than protocol.MaxToken bytes.
	TooLarge Reason = "too large"
	// Algorithm: its algorithm is not one that is taken.
	Algorithm Reason = "algorithm"
	// UnknownKey: no known key of its algorithm has the name that it gives.
	UnknownKey Reason = "unknown key"
	// Signature: it was not signed with a known key, or was changed since.
	Signature Reason = "signature"
	// Expired: its time (exp) is over.
	Expired Reason = "expired"
	// NotYetValid: its time (nbf, iat) has not come.
	NotYetValid Reason = "not yet valid"
	// Issuer: it is from somebody else (iss).
	Issuer Reason = "issuer"
	// Audience: it is for somebody else (aud, client_id).
	Audience Reason = "audience"
	// User: the claim that names the user is missing or is no userId.
	User Reason = "user"
	// Permissions: the claim of the permissions is malformed, or too large.
	Permissions Reason = "permissions"
)

// Error implements error.
func (r Reason) Error() string { return "the token is refused: " + string(r) }

// ErrUnavailable says that it is not known whether a token is good, because the
// keys cannot be had.
var ErrUnavailable = errors.New("the keys of tokens are not available")
