package awsendpoint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// attribute is a value as DynamoDB's API writes it, of the types that a key can
// have.
type attribute struct{ S, N, B *string }

// item is an item, or the key of one.
type item map[string]attribute

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

// equality is "name = :value" in a key condition, or ":value = name". Names may
// stand for others ("#name").
var equality = regexp.MustCompile(`([#\w.-]+)\s*=\s*(:\w+)|(:\w+)\s*=\s*([#\w.-]+)`)

// queriedKeys are the values that a query asks the partition key to have, in an
// expression or in the older KeyConditions. A query that asks for none is
// refused, as DynamoDB does.
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
