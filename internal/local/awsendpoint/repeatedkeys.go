package awsendpoint

import (
	"fmt"
	"math/big"
	"strings"
)

// repeatedKey is DynamoDB's answer to a batch that names a key twice. The engines
// give it too, but an injected fault may split a batch so that each part has the
// key once.
func repeatedKey() *refusal { return validation("Provided list of item keys contains duplicates") }

// repeatsKey reports whether two of these items of a table have the same key. Items
// without a complete key do not count: the engine refuses those.
func (ep *Endpoint) repeatsKey(table string, items []item) bool {
	partition, sort := ep.config.PartitionKey(table, ""), ep.config.SortKey(table)
	seen := map[string]bool{}
	for _, i := range items {
		key := i[partition].text()
		if sort != "" && key != "" {
			key += " " + i[sort].text()
		}
		if key == "" || strings.HasSuffix(key, " ") {
			continue
		}
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

// text is the value, quoted and with its type, so that equal texts mean equal
// values: the numbers 1 and 1.0 are the same key. It is "" for no value.
func (a attribute) text() string {
	switch {
	case a.S != nil:
		return fmt.Sprintf("S%q", *a.S)
	case a.N != nil:
		return fmt.Sprintf("N%q", plainNumber(*a.N))
	case a.B != nil:
		return fmt.Sprintf("B%q", *a.B)
	}
	return ""
}

// longestNumber is the longest text that is parsed as a number. 38 digits and an
// exponent are shorter.
const longestNumber = 50

// plainNumber normalizes a number. A text that DynamoDB would refuse stays
// unchanged, because a huge exponent would take long to write out.
func plainNumber(text string) string {
	if _, exponent, _ := strings.Cut(strings.ToLower(text), "e"); len(text) > longestNumber || len(exponent) > len("-130") {
		return text
	}
	if n, ok := new(big.Rat).SetString(text); ok {
		return n.RatString()
	}
	return text
}
