package local

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Table is a table of the running cloud.
type Table struct {
	// Name is the physical name, LogicalID the name in the template, and Label the
	// name that Describe lists.
	Name, LogicalID, Label string
	// PartitionKey and SortKey are the names of the key attributes. SortKey is ""
	// for a table without one.
	PartitionKey, SortKey string
}

// Queue is a queue of the running cloud.
type Queue struct {
	// Name is the physical name, LogicalID the name in the template, and Label the
	// name that Describe lists.
	Name, LogicalID, Label string
	// URL is the queue's URL for functions.
	URL string
}

// Tables returns the tables in the order of the templates.
func (c *Cloud) Tables() []Table {
	var tables []Table
	for _, t := range c.plan.Tables {
		made := Table{Name: t.Name, LogicalID: t.LogicalID, Label: t.Label}
		for _, key := range t.Properties.KeySchema {
			if key.KeyType == types.KeyTypeHash {
				made.PartitionKey = *key.AttributeName
			} else {
				made.SortKey = *key.AttributeName
			}
		}
		tables = append(tables, made)
	}
	return tables
}

// Queues returns the queues in the order of their creation: a dead-letter queue
// comes before the queues that use it.
func (c *Cloud) Queues() []Queue {
	var queues []Queue
	for _, q := range c.plan.Queues {
		queues = append(queues, Queue{Name: q.Name, LogicalID: q.LogicalID, Label: q.Label, URL: c.urls.localize(q.URL)})
	}
	return queues
}

// Functions returns the labels of the functions in the order of the templates.
func (c *Cloud) Functions() []string {
	var labels []string
	for _, f := range c.plan.Functions {
		labels = append(labels, f.Label)
	}
	return labels
}

// Secret returns the current text of a secret by its ARN or name. It reports false
// if the secret or the text does not exist. Policies and faults do not apply, and
// the call is not metered.
func (c *Cloud) Secret(id string) (text string, ok bool) {
	return c.plan.SecretStore.SecretString(id, "", "")
}

// Engine returns the URL of the engine for a service, "dynamodb" or "sqs", or "" if
// it has no engine. Policies and faults do not apply to calls there, and they are not
// metered. Use it to inspect data from outside.
func (c *Cloud) Engine(service string) string {
	for _, e := range c.engines {
		if string(e.Kind()) == service {
			return e.Endpoint()
		}
	}
	return ""
}
