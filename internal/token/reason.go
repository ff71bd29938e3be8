package token

import "errors"

// Reason is the error of a refused token: why, in a few words. It has nothing
// of the token, so it can be logged and shown.
type Reason string

// The reasons.
const (
	// Malformed: it is not a signed JSON web token, its header requires something
	// unsupported, or a name or a time in it is missing or wrong.
	Malformed Reason = "malformed"
	// TooLarge: it has more than protocol.MaxToken bytes.
	TooLarge Reason = "too large"
	// Algorithm: its algorithm is not accepted.
	Algorithm Reason = "algorithm"
	// UnknownKey: no known key of its algorithm has the id that it names.
	UnknownKey Reason = "unknown key"
	// Signature: it was not signed with a known key, or was changed.
	Signature Reason = "signature"
	// Expired: its expiry (exp) has passed.
	Expired Reason = "expired"
	// NotYetValid: its start (nbf, iat) is in the future.
	NotYetValid Reason = "not yet valid"
	// Issuer: it is from another issuer (iss).
	Issuer Reason = "issuer"
	// Audience: it is for another audience (aud, client_id).
	Audience Reason = "audience"
	// User: the claim that names the user is missing or not a valid userId.
	User Reason = "user"
	// Permissions: the permissions claim is malformed or too large.
	Permissions Reason = "permissions"
)

// Error implements error.
func (r Reason) Error() string { return "the token is refused: " + string(r) }

// ErrUnavailable means that a token cannot be verified, because the keys are
// not available.
var ErrUnavailable = errors.New("the keys of tokens are not available")
