package awsendpoint

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// leastUnits returns the read units of a query or scan without results, which
// engines count as 0. All other units they count as AWS does.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
func leastUnits(c *call) float64 {
	if c.operation != "Query" && c.operation != "Scan" {
		return 0
	}
	var d struct{ ConsistentRead bool }
	if json.Unmarshal(c.body, &d) == nil && d.ConsistentRead {
		return 1
	}
	return 0.5
}

// failedCondition reports whether an answer says that a write's condition failed.
func failedCondition(answer []byte) bool {
	var e struct {
		Type string `json:"__type"`
	}
	return json.Unmarshal(answer, &e) == nil && strings.HasSuffix(e.Type, "#ConditionalCheckFailedException")
}

// unitsOfFailure returns the write units of a call whose condition failed: those of
// the existing item, but at least one.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate
func (ep *Endpoint) unitsOfFailure(c *call, r *http.Request) float64 {
	const unit = 1024
	return float64(max(1, (sizeOf(ep.itemThere(c, r))+unit-1)/unit))
}

// itemThere returns the existing item that a write concerns, or nil.
func (ep *Endpoint) itemThere(c *call, r *http.Request) map[string]value {
	var d struct{ Key, Item map[string]json.RawMessage }
	if json.Unmarshal(c.body, &d) != nil || len(c.resources) != 1 {
		return nil
	}
	key, table := d.Key, c.resources[0]
	if key == nil { // PutItem
		key = map[string]json.RawMessage{}
		for _, name := range []string{ep.config.PartitionKey(table, ""), ep.config.SortKey(table)} {
			if name != "" {
				key[name] = d.Item[name]
			}
		}
	}
	body, err := json.Marshal(map[string]any{"TableName": table, "Key": key, "ConsistentRead": true})
	if err != nil {
		return nil
	}
	prefix, _, _ := strings.Cut(c.target, ".")
	look := call{service: c.service, operation: "GetItem", target: prefix + ".GetItem", engine: c.engine, body: body, asksCapacity: true}
	answer, err := ep.roundTrip(look, r)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil
	}
	return itemOf(text)
}
