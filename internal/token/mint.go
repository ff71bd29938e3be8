package token

import "github.com/golang-jwt/jwt/v5"

// Mint returns a token with these claims, signed with a shared secret of at
// least [MinSecret] bytes (HS256). Times among the claims are in seconds since
// 1970. Mint does not check the claims: see [Verifier.Verify].
func Mint(secret string, claims map[string]any) (string, error) {
	if err := checkSecret(secret); err != nil {
		return "", err
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(claims)).SignedString([]byte(secret))
}
