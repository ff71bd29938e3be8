package local

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Table is a table of the running cloud.
type Table struct {
	// Name is the physical name, LogicalID the one in the template and Label
	// the one by which Describe lists it.
	Name, LogicalID, Label string
	// PartitionKey and SortKey are the names of the key's attributes; SortKey
	// is "" when there is none.
	PartitionKey, SortKey string
}

// Queue is a queue of the running cloud.
type Queue struct {
	// Name is the physical name, LogicalID the one in the template and Label
	// the one by which Describe lists it.
	Name, LogicalID, Label string
	// URL is that of the queue as functions know it.
	URL string
}

// Tables returns the tables, in the order in which the templates define them.
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

// Queues returns the queues, in the order in which they were made: one that
// others redrive to comes before them.
func (c *Cloud) Queues() []Queue {
	var queues []Queue
	for _, q := range c.plan.Queues {
		queues = append(queues, Queue{Name: q.Name, LogicalID: q.LogicalID, Label: q.Label, URL: c.urls.localize(q.URL)})
	}
	return queues
}

// Functions returns the labels of the functions, in the order in which the
// templates define them.
func (c *Cloud) Functions() []string {
	var labels []string
	for _, f := range c.plan.Functions {
		labels = append(labels, f.Label)
	}
	return labels
}

// Secret returns the current text of a secret of the app, which is named by its
// ARN or its name. It reports false if there is no such secret or text. Neither
// policies nor faults stand before it, and it is not counted.
func (c *Cloud) Secret(id string) (text string, ok bool) {
	return c.plan.SecretStore.SecretString(id, "", "")
}

// Engine returns the URL of the engine that stands in for a service, "dynamodb"
// or "sqs", and "" when there is none. Who goes there is not held by policies,
// befallen by faults or counted: it is for looking at the data from outside.
func (c *Cloud) Engine(service string) string {
	for _, e := range c.engines {
		if string(e.Kind()) == service {
			return e.Endpoint()
		}
	}
	return ""
}
