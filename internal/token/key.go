package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// hs256 is the one algorithm of shared secrets, and rs256 the one that
	// providers use unless they are told otherwise.
	hs256 = "HS256"
	rs256 = "RS256"
	// MinSecret is the fewest bytes of a shared secret: those of HS256's hash.
	MinSecret = 32
	// minRSA and maxRSA bound the bits of an RSA key. What is shorter can be
	// broken, what is longer is slow.
	minRSA, maxRSA = 2048, 8192
	// maxCandidates is how many keys a token is tried with that names none.
	maxCandidates = 4
)

// key is a key that tokens are checked with.
type key struct {
	id string // its kid, "" if it has none
	// shared says that it is a secret, which has no name: a token may give any.
	shared bool
	// algorithms are those that it may be used for, of those that are taken.
	algorithms []string
	material   any
}

// publicFits says for each algorithm of public keys which keys it is for.
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

// candidates are the keys that a token with this header may have been signed
// with.
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
