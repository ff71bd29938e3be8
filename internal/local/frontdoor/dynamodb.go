package frontdoor

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// item is an item, or the key of one, as DynamoDB's API writes it. Only values
// that a key can have are understood.
type item map[string]struct {
	S, N, B *string
}

// dynamoDBCall is the part of any of DynamoDB's requests that says what it
// concerns.
type dynamoDBCall struct {
	TableName, IndexName      string
	ResourceArn, StreamArn    string
	BackupArn                 string
	ReturnConsumedCapacity    string
	Select                    string
	Statement                 string
	Key, Item                 item
	KeyConditionExpression    string
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues item

	RequestItems  json.RawMessage
	TransactItems []map[string]struct {
		TableName string
		Key, Item item
	}
}

// describeDynamoDB reads which tables a call concerns and which permissions it
// takes. A body that is not understood needs the permission on every table:
// the engine says what is wrong with it.
func (f *FrontDoor) describeDynamoDB(c *call) {
	var d dynamoDBCall
	_ = json.Unmarshal(c.body, &d) // what can be read is
	c.asksCapacity = d.ReturnConsumedCapacity != "" && d.ReturnConsumedCapacity != "NONE"
	switch c.operation {
	case "BatchGetItem", "BatchWriteItem":
		f.describeBatch(c, d.RequestItems)
	case "TransactGetItems", "TransactWriteItems":
		f.describeTransaction(c, &d)
	case "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction":
		f.describeStatements(c)
	default:
		f.describeTable(c, &d)
	}
	if len(c.needs) == 0 {
		c.needs = []need{{action: "dynamodb:" + c.operation, resource: f.arn("dynamodb", "table/*")}}
	}
}

// describeTable is for operations on one table or index.
func (f *FrontDoor) describeTable(c *call, d *dynamoDBCall) {
	if d.TableName == "" {
		for _, arn := range []string{d.ResourceArn, d.StreamArn, d.BackupArn} {
			if arn != "" {
				c.needs = append(c.needs, need{action: "dynamodb:" + c.operation, resource: arn})
			}
		}
		return
	}
	name := tableName(d.TableName)
	c.resources = []string{name}
	resource := f.arn("dynamodb", "table/"+name)
	if d.IndexName != "" {
		resource += "/index/" + d.IndexName
	}
	context := iam.Context{}
	if d.Select != "" {
		context["dynamodb:select"] = []string{d.Select}
	}
	partition := f.config.PartitionKey(name, d.IndexName)
	keys := leadingKeys(partition, d.Key, d.Item)
	if c.operation == "Query" {
		keys = d.queriedKey(partition)
	}
	addLeadingKeys(context, keys)
	c.needs = []need{{action: "dynamodb:" + c.operation, resource: resource, context: context}}
}

// describeBatch is for the batch operations: each takes its own permission on
// every table.
func (f *FrontDoor) describeBatch(c *call, requests json.RawMessage) {
	keys := map[string][]item{}
	if c.operation == "BatchGetItem" {
		var gets map[string]struct{ Keys []item }
		_ = json.Unmarshal(requests, &gets)
		for table, get := range gets {
			keys[table] = get.Keys
		}
	} else {
		var writes map[string][]struct {
			PutRequest    struct{ Item item }
			DeleteRequest struct{ Key item }
		}
		_ = json.Unmarshal(requests, &writes)
		for table, all := range writes {
			keys[table] = []item{}
			for _, write := range all {
				keys[table] = append(keys[table], write.PutRequest.Item, write.DeleteRequest.Key)
			}
		}
	}
	for _, table := range slices.Sorted(maps.Keys(keys)) {
		name := tableName(table)
		context := iam.Context{}
		addLeadingKeys(context, leadingKeys(f.config.PartitionKey(name, ""), keys[table]...))
		c.resources = append(c.resources, name)
		c.needs = append(c.needs, need{action: "dynamodb:" + c.operation, resource: f.arn("dynamodb", "table/"+name), context: context})
	}
}

// transactActions are the permissions that the parts of a transaction take:
// those of the operations that they stand for.
var transactActions = map[string]string{
	"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
}

func (f *FrontDoor) describeTransaction(c *call, d *dynamoDBCall) {
	for _, part := range d.TransactItems {
		for kind, action := range transactActions {
			one, ok := part[kind]
			if !ok {
				continue
			}
			name := tableName(one.TableName)
			if !slices.Contains(c.resources, name) {
				c.resources = append(c.resources, name)
			}
			context := iam.Context{"dynamodb:enclosingoperation": {c.operation}}
			addLeadingKeys(context, leadingKeys(f.config.PartitionKey(name, ""), one.Key, one.Item))
			c.needs = append(c.needs, need{action: "dynamodb:" + action, resource: f.arn("dynamodb", "table/"+name), context: context})
		}
	}
}

// tableName is the name of a table that is given by its name or ARN.
func tableName(nameOrARN string) string {
	_, name, isARN := strings.Cut(nameOrARN, ":table/")
	if !isARN {
		return nameOrARN
	}
	return name
}
