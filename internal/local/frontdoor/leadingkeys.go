package frontdoor

import (
	"regexp"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// leadingKeys are the values of the partition key in the items that a call
// names: what policies know as dynamodb:LeadingKeys.
func leadingKeys(partition string, items ...item) []string {
	var keys []string
	for _, i := range items {
		value := i[partition]
		for _, text := range []*string{value.S, value.N, value.B} {
			if text != nil && !slices.Contains(keys, *text) {
				keys = append(keys, *text)
			}
		}
	}
	return keys
}

func addLeadingKeys(context iam.Context, keys []string) {
	if len(keys) > 0 {
		context["dynamodb:leadingkeys"] = keys
	}
}

// equality is "name = :value" in a key condition. Names may stand for others
// ("#name").
var equality = regexp.MustCompile(`([#\w.-]+)\s*=\s*(:\w+)`)

// queriedKey is the value that a query asks the partition key to have.
func (d *dynamoDBCall) queriedKey(partition string) []string {
	for _, match := range equality.FindAllStringSubmatch(d.KeyConditionExpression, -1) {
		name := match[1]
		if strings.HasPrefix(name, "#") {
			name = d.ExpressionAttributeNames[name]
		}
		if name == partition && partition != "" {
			return leadingKeys(match[2], d.ExpressionAttributeValues)
		}
	}
	return nil
}
