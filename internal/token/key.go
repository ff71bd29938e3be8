package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// hs256 is the only algorithm of shared secrets, and rs256 the default of
	// providers.
	hs256 = "HS256"
	rs256 = "RS256"
	// MinSecret is the least number of bytes of a shared secret: the size of
	// HS256's hash.
	MinSecret = 32
	// minRSA and maxRSA bound the bits of an RSA key. Shorter ones can be broken,
	// longer ones are slow.
	minRSA, maxRSA = 2048, 8192
	// maxCandidates is how many keys are tried for a token that names none.
	maxCandidates = 4
)

// key is a key that verifies tokens.
type key struct {
	id string // its kid, "" if it has none
	// shared reports whether it is a secret, which has no id: a token may name
	// any.
	shared bool
	// algorithms are the accepted algorithms that it may be used for.
	algorithms []string
	material   any
}

// publicFits reports, for each algorithm of public keys, whether a key fits.
var publicFits = map[string]func(material any) bool{
	"RS256": isRSA, "RS384": isRSA, "RS512": isRSA,
	"PS256": isRSA, "PS384": isRSA, "PS512": isRSA,
	"ES256": isCurve("P-256"), "ES384": isCurve("P-384"), "ES512": isCurve("P-521"),
	"EdDSA": func(material any) bool { _, ok := material.(ed25519.PublicKey); return ok },
}

func isRSA(material any) bool {
	k, ok := material.(*rsa.PublicKey)
	return ok && k.N.BitLen() >= minRSA && k.N.BitLen() <= maxRSA
}

func isCurve(name string) func(any) bool {
	return func(material any) bool {
		k, ok := material.(*ecdsa.PublicKey)
		return ok && k.Curve.Params().Name == name
	}
}

// candidates returns the keys that may have signed a token with this header.
func candidates(keys []key, h header) []jwt.VerificationKey {
	var found []jwt.VerificationKey
	for _, k := range keys {
		if slices.Contains(k.algorithms, h.algorithm) && (k.shared || h.keyID == "" || h.keyID == k.id) {
			found = append(found, k.material)
		}
	}
	if len(found) > maxCandidates {
		return nil
	}
	return found
}
