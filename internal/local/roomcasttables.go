package local

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/settings"
)

// roomcastKeys are the keys of both of Roomcast's tables.
var roomcastKeys = tableProperties{
	AttributeDefinitions: []types.AttributeDefinition{
		{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
		{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
	},
	KeySchema: []types.KeySchemaElement{
		{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
	},
}

// linkTables finds the tables that functions of Roomcast name in their
// environment. One that the app imports is made here, empty: it exists on AWS
// only. One with other keys is refused, because every call on it would fail.
func (p *plan) linkTables() []error {
	var broken []error
	refused := map[*table]bool{}
	for _, f := range p.functions {
		for _, variable := range []string{settings.ConnectionTable, settings.MessageTable} {
			name := f.environment[variable]
			if name == "" {
				continue
			}
			t := p.tableByName(name)
			if t == nil {
				p.importTable(f, name)
				continue
			}
			if got, want := t.properties.keys(), roomcastKeys.keys(); got != want && !refused[t] {
				refused[t] = true
				broken = append(broken, fmt.Errorf("%s: its keys are %s, and a table of Roomcast needs %s: define it with these, or leave Table out to get a new one", t, got, want))
			}
		}
	}
	return broken
}

// importTable plans a table that the app does not define. Policies may name it
// where it really is, which is here now.
func (p *plan) importTable(f *function, name string) {
	elsewhere := regexp.MustCompile(`arn:aws[a-z-]*:dynamodb:[a-z0-9-]*:[0-9]*:table/` + regexp.QuoteMeta(name) + `"`)
	for _, e := range p.policies {
		e.properties.PolicyDocument = elsewhere.ReplaceAll(e.properties.PolicyDocument, []byte(arn("dynamodb", "table/"+name)+`"`))
	}
	t := &table{
		resource:   &resource{stack: f.stack, logicalID: name, kind: "AWS::DynamoDB::Table", label: name, attributes: map[string]any{}},
		name:       name,
		properties: roomcastKeys,
	}
	p.tables = append(p.tables, t)
	p.ignored = append(p.ignored, fmt.Sprintf("not in the app: the table %s, which is made here for this run, with the keys %s", name, roomcastKeys.keys()))
}

func (p *plan) tableByName(name string) *table {
	for _, t := range p.tables {
		if t.name == name {
			return t
		}
	}
	return nil
}

// keys describes the keys of a table: "pk (string), sk (string)".
func (p tableProperties) keys() string {
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

// typeOf is the type of a key in words.
func (p tableProperties) typeOf(attribute string) string {
	i := slices.IndexFunc(p.AttributeDefinitions, func(d types.AttributeDefinition) bool { return *d.AttributeName == attribute })
	if i < 0 {
		return "of no type"
	}
	switch p.AttributeDefinitions[i].AttributeType {
	case types.ScalarAttributeTypeS:
		return "string"
	case types.ScalarAttributeTypeN:
		return "number"
	}
	return "binary"
}
