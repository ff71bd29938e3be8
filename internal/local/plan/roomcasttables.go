package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/settings"
)

// roomcastKeys are the keys of both Roomcast tables.
var roomcastKeys = TableProperties{
	AttributeDefinitions: []types.AttributeDefinition{
		{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
		{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
	},
	KeySchema: []types.KeySchemaElement{
		{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
	},
}

// linkTables finds the tables that Roomcast functions name in their environment
// variables. It plans an empty table for an imported one, which exists only on AWS.
// It refuses a table with other keys, because every call would fail.
func (p *Plan) linkTables() []error {
	var broken []error
	refused := map[*Table]bool{}
	for _, f := range p.Functions {
		for _, variable := range []string{settings.ConnectionTable, settings.MessageTable} {
			name := f.Environment[variable]
			if name == "" {
				continue
			}
			t := p.tableByName(name)
			if t == nil {
				p.importTable(f, name)
				continue
			}
			if got, want := t.Properties.Keys(), roomcastKeys.Keys(); got != want && !refused[t] {
				refused[t] = true
				broken = append(broken, fmt.Errorf("%s: invalid keys %s: expected %s for a Roomcast table; define it with these keys, or leave out Table for a new one", t, got, want))
			}
		}
	}
	return broken
}

// importTable plans a table that the app does not define. It replaces the table's
// real ARN in policies by the local one.
func (p *Plan) importTable(f *Function, name string) {
	elsewhere := regexp.MustCompile(`arn:aws[a-z-]*:dynamodb:[a-z0-9-]*:[0-9]*:table/` + regexp.QuoteMeta(name) + `"`)
	for _, e := range p.policies {
		e.properties.PolicyDocument = elsewhere.ReplaceAll(e.properties.PolicyDocument, []byte(ARN("dynamodb", "table/"+name)+`"`))
	}
	t := &Table{
		Resource:   &Resource{stack: f.stack, LogicalID: name, kind: "AWS::DynamoDB::Table", Label: name, attributes: map[string]any{}},
		Name:       name,
		Properties: roomcastKeys,
	}
	p.Tables = append(p.Tables, t)
	p.ignored = append(p.ignored, fmt.Sprintf("not in the app: the table %s; this run creates it with the keys %s", name, roomcastKeys.Keys()))
}

func (p *Plan) tableByName(name string) *Table {
	for _, t := range p.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Keys describes the keys of a table: "pk (string), sk (string)".
func (p TableProperties) Keys() string {
	var keys []string
	for _, kind := range []types.KeyType{types.KeyTypeHash, types.KeyTypeRange} {
		for _, key := range p.KeySchema {
			if key.KeyType == kind {
				keys = append(keys, fmt.Sprintf("%s (%s)", *key.AttributeName, p.typeOf(*key.AttributeName)))
			}
		}
	}
	return strings.Join(keys, ", ")
}

// typeOf describes the type of a key attribute.
func (p TableProperties) typeOf(attribute string) string {
	i := slices.IndexFunc(p.AttributeDefinitions, func(d types.AttributeDefinition) bool { return *d.AttributeName == attribute })
	if i < 0 {
		return "without a type"
	}
	switch p.AttributeDefinitions[i].AttributeType {
	case types.ScalarAttributeTypeS:
		return "string"
	case types.ScalarAttributeTypeN:
		return "number"
	}
	return "binary"
}
