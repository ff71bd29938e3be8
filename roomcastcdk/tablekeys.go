package roomcastcdk

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
)

// keySchema is how CloudFormation writes the keys of a table.
type keySchema struct {
	Keys []struct {
		Name string `json:"attributeName"`
		Kind string `json:"keyType"`
	}
	Attributes []struct {
		Name string `json:"attributeName"`
		Type string `json:"attributeType"`
	}
}

// mustHaveKeys refuses an existing table with other keys than Roomcast needs. The
// keys are known only if the app defines the table.
func (s subject) mustHaveKeys(table awsdynamodb.ITableV2) {
	resource, ok := table.Node().DefaultChild().(awsdynamodb.CfnGlobalTable)
	if !ok {
		return // imported
	}
	var schema keySchema
	text, err := json.Marshal(awscdk.Stack_Of(table).Resolve(map[string]any{
		"Keys": resource.KeySchema(), "Attributes": resource.AttributeDefinitions(),
	}))
	if err != nil || json.Unmarshal(text, &schema) != nil {
		return // leave it to CloudFormation
	}
	const want = "pk (string), sk (string)"
	if got := schema.String(); got != want {
		s.fail("invalid Table %q: expected the keys %s, got %s; define it with these keys, or leave Table out to get a new one", *table.Node().Path(), want, got)
	}
}

// String lists the keys, the partition key first.
func (k keySchema) String() string {
	types := map[string]string{}
	for _, attribute := range k.Attributes {
		types[attribute.Name] = map[string]string{"S": "string", "N": "number", "B": "binary"}[attribute.Type]
	}
	var keys []string
	for _, kind := range []string{"HASH", "RANGE"} {
		for _, key := range k.Keys {
			if key.Kind == kind {
				keys = append(keys, fmt.Sprintf("%s (%s)", key.Name, types[key.Name]))
			}
		}
	}
	return strings.Join(keys, ", ")
}
