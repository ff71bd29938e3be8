package awsendpoint

import (
	"maps"
	"slices"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// dynamoDBOperations has the operations that an engine may know, with the method
// that reads the tables and keys of each. Engines ignore members that an operation
// does not have.
var dynamoDBOperations = map[string]func(*Endpoint, *call) *refusal{
	"GetItem":    (*Endpoint).describeItem,
	"PutItem":    (*Endpoint).describeItem,
	"UpdateItem": (*Endpoint).describeItem,
	"DeleteItem": (*Endpoint).describeItem,
	"Query":      (*Endpoint).describeSearch,
	"Scan":       (*Endpoint).describeSearch,

	"BatchGetItem":       (*Endpoint).describeBatchGet,
	"BatchWriteItem":     (*Endpoint).describeBatchWrite,
	"TransactGetItems":   (*Endpoint).describeTransaction,
	"TransactWriteItems": (*Endpoint).describeTransaction,

	"ExecuteStatement":      (*Endpoint).describeStatements,
	"BatchExecuteStatement": (*Endpoint).describeStatements,
	"ExecuteTransaction":    (*Endpoint).describeStatements,

	"CreateTable":               (*Endpoint).describeTable,
	"UpdateTable":               (*Endpoint).describeTable,
	"DeleteTable":               (*Endpoint).describeTable,
	"DescribeTable":             (*Endpoint).describeTable,
	"DescribeTimeToLive":        (*Endpoint).describeTable,
	"UpdateTimeToLive":          (*Endpoint).describeTable,
	"DescribeContinuousBackups": (*Endpoint).describeTable,
	"UpdateContinuousBackups":   (*Endpoint).describeTable,
	"ListTagsOfResource":        (*Endpoint).describeARN,
	"TagResource":               (*Endpoint).describeARN,
	"UntagResource":             (*Endpoint).describeARN,
	"DescribeStream":            (*Endpoint).describeARN,
	"GetShardIterator":          (*Endpoint).describeARN,
	"GetRecords":                (*Endpoint).describeEveryTable,
	"ListTables":                (*Endpoint).describeEveryTable,
	"ListStreams":               (*Endpoint).describeEveryTable,
	"DescribeLimits":            (*Endpoint).describeEveryTable,
	"DescribeEndpoints":         (*Endpoint).describeEveryTable,
}

// describeDynamoDB reads the tables and the required permissions of a call. A call
// without a table requires the permission on every table; the engine reports the
// missing name.
func (ep *Endpoint) describeDynamoDB(c *call) *refusal {
	describe := dynamoDBOperations[c.operation]
	if describe == nil {
		return unknownOperation("The local DynamoDB does not know " + c.operation + ".")
	}
	var d struct{ ReturnConsumedCapacity string }
	if e := c.read(&d); e != nil {
		return e
	}
	c.asksCapacity = d.ReturnConsumedCapacity != "" && d.ReturnConsumedCapacity != "NONE"
	if e := describe(ep, c); e != nil {
		return e
	}
	if len(c.needs) == 0 {
		return ep.describeEveryTable(c)
	}
	return nil
}

// describeEveryTable describes operations without a specific table.
func (ep *Endpoint) describeEveryTable(c *call) *refusal {
	c.needs = []need{{action: "dynamodb:" + c.operation, resource: ep.arn("dynamodb", "table/*")}}
	return nil
}

// describeTable describes operations on a whole table.
func (ep *Endpoint) describeTable(c *call) *refusal {
	var d struct{ TableName string }
	if e := c.read(&d); e != nil {
		return e
	}
	return ep.needTable(c, c.operation, d.TableName, "", iam.Context{})
}

// describeItem describes operations on one item.
func (ep *Endpoint) describeItem(c *call) *refusal {
	var d struct {
		TableName string
		Key, Item item
	}
	if e := c.read(&d); e != nil {
		return e
	}
	key := d.Key
	if c.operation == "PutItem" {
		key = d.Item
	}
	return ep.needTable(c, c.operation, d.TableName, "", iam.Context{}, key)
}

// describeSearch describes operations that read a table or an index.
func (ep *Endpoint) describeSearch(c *call) *refusal {
	var d struct{ TableName, IndexName, Select string }
	if e := c.read(&d); e != nil {
		return e
	}
	context := iam.Context{}
	if d.Select != "" {
		context["dynamodb:select"] = []string{d.Select}
	}
	if d.IndexName != "" && !tableName.MatchString(d.IndexName) {
		return validation("Invalid IndexName " + quoted(d.IndexName) + ": expected letters, digits and the characters _ . -")
	}
	if e := ep.needTable(c, c.operation, d.TableName, d.IndexName, context); e != nil || c.operation != "Query" || len(c.resources) == 0 {
		return e
	}
	keys, e := queriedKeys(c, ep.config.PartitionKey(c.resources[0], d.IndexName))
	addLeadingKeys(context, keys)
	return e
}

// needTable adds the permission for an operation on a table or an index, and on the
// items with these keys. Without a table it adds nothing.
func (ep *Endpoint) needTable(c *call, operation, given, index string, context iam.Context, keys ...item) *refusal {
	if given == "" {
		return nil
	}
	name, e := ep.table(c, given)
	if e != nil {
		return e
	}
	if !slices.Contains(c.resources, name) {
		c.resources = append(c.resources, name)
	}
	resource := ep.arn("dynamodb", "table/"+name)
	if index != "" {
		resource += "/index/" + index
	}
	addLeadingKeys(context, leadingKeys(ep.config.PartitionKey(name, index), keys...))
	c.needs = append(c.needs, need{action: "dynamodb:" + operation, resource: resource, context: context})
	return nil
}

// describeBatchGet describes BatchGetItem, which requires its own permission on
// every table.
func (ep *Endpoint) describeBatchGet(c *call) *refusal {
	var d struct {
		RequestItems map[string]struct{ Keys []item }
	}
	if e := c.read(&d); e != nil {
		return e
	}
	for _, table := range slices.Sorted(maps.Keys(d.RequestItems)) {
		if e := ep.needBatch(c, table, d.RequestItems[table].Keys); e != nil {
			return e
		}
	}
	return nil
}

// describeBatchWrite describes BatchWriteItem, which requires its own permission on
// every table.
func (ep *Endpoint) describeBatchWrite(c *call) *refusal {
	var d struct {
		RequestItems map[string][]struct {
			PutRequest    *struct{ Item item }
			DeleteRequest *struct{ Key item }
		}
	}
	if e := c.read(&d); e != nil {
		return e
	}
	for _, table := range slices.Sorted(maps.Keys(d.RequestItems)) {
		var keys []item
		for _, write := range d.RequestItems[table] {
			switch {
			case (write.PutRequest == nil) == (write.DeleteRequest == nil):
				return validation("Invalid request: each write of RequestItems must contain exactly one of PutRequest and DeleteRequest")
			case write.PutRequest != nil:
				keys = append(keys, write.PutRequest.Item)
			default:
				keys = append(keys, write.DeleteRequest.Key)
			}
		}
		if e := ep.needBatch(c, table, keys); e != nil {
			return e
		}
	}
	return nil
}

func (ep *Endpoint) needBatch(c *call, table string, keys []item) *refusal {
	if table == "" {
		return noTableName()
	}
	name, e := ep.table(c, table)
	if e != nil {
		return e
	}
	c.repeatsKey = c.repeatsKey || ep.repeatsKey(name, keys)
	return ep.needTable(c, c.operation, name, "", iam.Context{}, keys...)
}

// transactActions has the permissions that the parts of a transaction require.
var transactActions = map[string]map[string]string{
	"TransactGetItems":   {"Get": "GetItem"},
	"TransactWriteItems": {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"},
}

// transactPart is a part of a transaction.
type transactPart struct {
	TableName string
	Key, Item item
}

func (ep *Endpoint) describeTransaction(c *call) *refusal {
	var d struct {
		TransactItems []struct{ Get, Put, Update, Delete, ConditionCheck *transactPart }
	}
	if e := c.read(&d); e != nil {
		return e
	}
	for _, parts := range d.TransactItems {
		given := 0
		for kind, part := range map[string]*transactPart{
			"Get": parts.Get, "Put": parts.Put, "Update": parts.Update, "Delete": parts.Delete, "ConditionCheck": parts.ConditionCheck,
		} {
			action := transactActions[c.operation][kind]
			if part == nil || action == "" {
				continue
			}
			given++
			if part.TableName == "" {
				return noTableName()
			}
			key := part.Key
			if kind == "Put" {
				key = part.Item
			}
			context := iam.Context{"dynamodb:enclosingoperation": {c.operation}}
			if e := ep.needTable(c, action, part.TableName, "", context, key); e != nil {
				return e
			}
		}
		if given != 1 {
			return validation("Invalid request: each item of TransactItems must contain exactly one operation of " + c.operation)
		}
	}
	return nil
}
