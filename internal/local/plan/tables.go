package plan

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table is a DynamoDB table, from AWS::DynamoDB::Table or GlobalTable.
type Table struct {
	*Resource
	Name       string
	Properties TableProperties
}

// TableProperties are the properties that a local table has. The template and the
// SDK use the same field names.
type TableProperties struct {
	TableName              string
	AttributeDefinitions   []types.AttributeDefinition
	KeySchema              []types.KeySchemaElement
	GlobalSecondaryIndexes []struct {
		IndexName  *string
		KeySchema  []types.KeySchemaElement
		Projection *types.Projection
	}
	LocalSecondaryIndexes   []types.LocalSecondaryIndex
	TimeToLiveSpecification *struct {
		AttributeName string
		Enabled       Bool
	}
}

func (p *Plan) addTable(r *Resource, properties map[string]any) ([]string, error) {
	t := &Table{Resource: r}
	ignored, err := decode(properties, &t.Properties)
	if err != nil {
		return nil, err
	}
	if len(t.Properties.KeySchema) == 0 {
		return nil, errors.New("missing KeySchema: define a partition key")
	}
	t.Name = r.name(t.Properties.TableName, 255)
	r.refer(t.Name, ARN("dynamodb", "table/"+t.Name))
	if _, ok := properties["StreamSpecification"]; ok {
		// There is no stream, but policies refer to it.
		r.attributes["StreamArn"] = ARN("dynamodb", "table/"+t.Name+"/stream/2000-01-01T00:00:00.000")
	}
	r.attributes["TableId"] = UUID(r.stack.Name, r.LogicalID)
	p.Tables = append(p.Tables, t)
	return ignored, nil
}
