package token

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// Leeway is how far the clocks of signer and verifier may differ.
const Leeway = 10 * time.Second

// maxSeconds is the end of the year 9999, the latest expiry of a token.
const maxSeconds = 253402300799

// Claims are the claims of a valid token.
type Claims struct {
	// UserID is the token's user.
	UserID string
	// Permissions are what the user may do.
	Permissions permission.Permissions
	// ExpiresAt is when it expires, in whole seconds. It may have expired by up to
	// [Leeway].
	ExpiresAt time.Time
	// All has all its claims, as encoding/json decodes them. They must not be
	// logged.
	All map[string]any
}

// read reads claims with a valid signature. raw has the same claims, undecoded.
func (v *Verifier) read(claims map[string]any, raw map[string]json.RawMessage) (Claims, error) {
	if err := v.checkUnicode(raw); err != nil {
		return Claims{}, err
	}
	ends, err := v.checkTimes(claims)
	if err != nil {
		return Claims{}, err
	}
	if v.config.Issuer != "" && claims["iss"] != v.config.Issuer {
		return Claims{}, Issuer
	}
	if len(v.config.Audience) > 0 && !slices.ContainsFunc(audience(claims), func(a string) bool { return slices.Contains(v.config.Audience, a) }) {
		return Claims{}, Audience
	}
	c := Claims{ExpiresAt: ends, All: claims}
	c.UserID, _ = claims[v.config.UserClaim].(string)
	if protocol.CheckUserID(v.config.UserClaim, c.UserID) != nil {
		return Claims{}, User
	}
	if v.config.NoPermissions {
		return c, nil
	}
	if c.Permissions, err = permissions(raw[v.config.PermissionsClaim]); err != nil {
		return Claims{}, Permissions
	}
	return c, nil
}

// checkUnicode refuses claims that are not well-formed Unicode: decoded, one
// could name another user or room.
func (v *Verifier) checkUnicode(raw map[string]json.RawMessage) error {
	switch {
	case !protocol.WellFormed(raw[v.config.UserClaim]):
		return User
	case !protocol.WellFormed(raw[v.config.PermissionsClaim]):
		return Permissions
	}
	for _, claim := range raw {
		if !protocol.WellFormed(claim) {
			return Malformed
		}
	}
	return nil
}

// checkTimes checks when the token is valid, and returns its expiry.
func (v *Verifier) checkTimes(claims map[string]any) (time.Time, error) {
	var times [3]time.Time
	for i, name := range []string{"exp", "nbf", "iat"} {
		value, there := claims[name]
		seconds, isNumber := value.(float64)
		switch {
		case there && (!isNumber || seconds < 0 || seconds > maxSeconds), !there && name == "exp":
			return time.Time{}, Malformed
		case there:
			times[i] = time.Unix(int64(seconds), 0)
		}
	}
	now, ends := v.config.Now(), times[0]
	if !now.Before(ends.Add(Leeway)) {
		return time.Time{}, Expired
	}
	for _, begins := range times[1:] {
		if now.Before(begins.Add(-Leeway)) {
			return time.Time{}, NotYetValid
		}
	}
	return ends, nil
}

// audience returns the token's audience. An access token of Cognito has no aud,
// but a client_id.
func audience(claims map[string]any) []string {
	aud, there := claims["aud"]
	if !there {
		aud = claims["client_id"]
	}
	switch aud := aud.(type) {
	case string:
		return []string{aud}
	case []any:
		var all []string
		for _, one := range aud {
			if s, ok := one.(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
	return nil
}

// permissions reads the permissions claim: an object, or a string with its
// JSON, because some providers write only strings.
func permissions(claim json.RawMessage) (permission.Permissions, error) {
	if claim == nil {
		return permission.Default(), nil
	}
	var text string
	if claim[0] == '"' && json.Unmarshal(claim, &text) == nil {
		claim = json.RawMessage(text)
	}
	return permission.Parse(claim)
}
