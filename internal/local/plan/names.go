package plan

import (
	"crypto/sha256"
	"fmt"
	"math/big"
)

// Where the local cloud claims to be. ARNs and URLs in a resolved template
// carry these, as they would carry the account and region of a deployment.
const (
	// Account and Region are where everything in a plan is.
	Account = "000000000000"
	Region  = "us-east-1"

	partition = "aws"
	urlSuffix = "amazonaws.com"
)

// physicalName is the name that CloudFormation would make up for a resource:
// stack, logical id and twelve characters, here the same for every run. The
// front is cut to keep the whole within limit characters.
func physicalName(stack, logicalID string, limit int) string {
	tail := fingerprint(12, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", stack, logicalID)
	front := stack + "-" + logicalID
	if most := limit - len(tail) - 1; len(front) > most {
		front = front[:most]
	}
	return front + "-" + tail
}

// shortID is an id of n lower-case letters and digits, as API Gateway gives.
func shortID(n int, seed ...string) string {
	return fingerprint(n, "abcdefghijklmnopqrstuvwxyz0123456789", seed...)
}

// UUID is an id of the shape that Lambda gives to an event source mapping.
func UUID(seed ...string) string {
	hex := fingerprint(32, "0123456789abcdef", seed...)
	return fmt.Sprintf("%s-%s-%s-%s-%s", hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:])
}

// fingerprint writes n characters of the alphabet that depend on the seed alone.
func fingerprint(n int, alphabet string, seed ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", seed))
	rest := new(big.Int).SetBytes(sum[:])
	base := big.NewInt(int64(len(alphabet)))
	digit := new(big.Int)
	out := make([]byte, n)
	for i := range out {
		rest.DivMod(rest, base, digit)
		out[i] = alphabet[digit.Int64()]
	}
	return string(out)
}

// ARN names a resource of this account and region.
func ARN(service, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition, service, Region, Account, name)
}
