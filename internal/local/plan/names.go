package plan

import (
	"crypto/sha256"
	"fmt"
	"math/big"
)

// The location of the local cloud. ARNs and URLs in a resolved template contain
// these values, as those of a deployment contain its account and Region.
const (
	// Account and Region are the location of everything in a plan.
	Account = "000000000000"
	Region  = "us-east-1"

	partition = "aws"
	urlSuffix = "amazonaws.com"
)

// physicalName generates the name that CloudFormation would give to a resource:
// stack, logical ID and twelve characters. It is the same in every run. The front
// is cut so that the name has at most limit characters.
func physicalName(stack, logicalID string, limit int) string {
	tail := fingerprint(12, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", stack, logicalID)
	front := stack + "-" + logicalID
	if most := limit - len(tail) - 1; len(front) > most {
		front = front[:most]
	}
	return front + "-" + tail
}

// shortID returns an ID of n lower-case letters and digits, like those of API
// Gateway.
func shortID(n int, seed ...string) string {
	return fingerprint(n, "abcdefghijklmnopqrstuvwxyz0123456789", seed...)
}

// UUID returns an ID in the format of a UUID.
func UUID(seed ...string) string {
	hex := fingerprint(32, "0123456789abcdef", seed...)
	return fmt.Sprintf("%s-%s-%s-%s-%s", hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:])
}

// fingerprint returns n characters of the alphabet that depend only on the seed.
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

// ARN returns the ARN of a resource in this account and Region.
func ARN(service, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition, service, Region, Account, name)
}
