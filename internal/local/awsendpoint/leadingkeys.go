package awsendpoint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// attribute is a value in DynamoDB's JSON, of the types that a key can have.
type attribute struct{ S, N, B *string }

// item is an item, or the key of one.
type item map[string]attribute

// leadingKeys returns the partition key values of a call's items, the condition key
// dynamodb:LeadingKeys.
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

// equality matches "name = :value" and ":value = name" in a key condition. A name
// may be a placeholder ("#name").
var equality = regexp.MustCompile(`([#\w.-]+)\s*=\s*(:\w+)|(:\w+)\s*=\s*([#\w.-]+)`)

// queriedKeys returns the partition key values of a query, from its expression or
// the older KeyConditions. As on DynamoDB, a query without any is refused.
func queriedKeys(c *call, partition string) ([]string, *refusal) {
	var d struct {
		KeyConditionExpression    string
		ExpressionAttributeNames  map[string]string
		ExpressionAttributeValues item
		KeyConditions             map[string]struct {
			AttributeValueList []attribute
		}
	}
	if e := c.read(&d); e != nil || partition == "" {
		return nil, e
	}
	var keys []string
	for _, match := range equality.FindAllStringSubmatch(d.KeyConditionExpression, -1) {
		name, value := match[1]+match[4], match[2]+match[3]
		if strings.HasPrefix(name, "#") {
			name = d.ExpressionAttributeNames[name]
		}
		if name == partition {
			keys = append(keys, leadingKeys(value, d.ExpressionAttributeValues)...)
		}
	}
	for _, value := range d.KeyConditions[partition].AttributeValueList {
		keys = append(keys, leadingKeys(partition, item{partition: value})...)
	}
	asks := d.KeyConditionExpression != "" || len(d.KeyConditions) > 0
	if asks && len(keys) == 0 {
		return nil, validation("Query condition missed key schema element: " + partition)
	}
	return keys, nil
}
