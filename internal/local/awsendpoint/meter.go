package awsendpoint

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/internal/strictjson"
)

// counter returns a function that meters an answer and returns its body for the
// caller. It returns nil if the call is not metered.
func (ep *Endpoint) counter(c *call) func(*http.Request, *http.Response, []byte) []byte {
	switch {
	case ep.config.Meter == nil:
		return nil
	case c.service == "dynamodb" && capacityOf[c.operation] != nothing:
		return func(r *http.Request, answer *http.Response, body []byte) []byte {
			return ep.countTable(c, r, answer, body)
		}
	case c.service == "sqs":
		return func(_ *http.Request, answer *http.Response, body []byte) []byte {
			return ep.countQueue(c, answer, body)
		}
	}
	return nil
}

// capacity is a kind of capacity unit.
type capacity int

const (
	nothing capacity = iota
	reads
	writes
)

// capacityOf has the operations that answer with their consumed capacity.
var capacityOf = map[string]capacity{
	"GetItem": reads, "BatchGetItem": reads, "Query": reads, "Scan": reads, "TransactGetItems": reads,
	"PutItem": writes, "UpdateItem": writes, "DeleteItem": writes, "BatchWriteItem": writes, "TransactWriteItems": writes,
}

// askCapacity changes a request so that its answer has the consumed capacity.
func askCapacity(body []byte) []byte {
	start := bytes.IndexByte(body, '{')
	var fields map[string]json.RawMessage
	if start < 0 || json.Unmarshal(body, &fields) != nil {
		return body // the engine reports the error
	}
	if _, given := fields["ReturnConsumedCapacity"]; given { // the same as NONE
		fields["ReturnConsumedCapacity"] = json.RawMessage(`"TOTAL"`)
		body, _ = json.Marshal(fields) // decoded JSON can be encoded
		return body
	}
	end := ","
	if len(fields) == 0 {
		end = ""
	}
	return append([]byte(`{"ReturnConsumedCapacity":"TOTAL"`+end), body[start+1:]...)
}

// consumed is the capacity that a call consumed of a table, in DynamoDB's JSON.
type consumed struct {
	TableName     string
	CapacityUnits float64
}

// countTable meters the capacity, and removes it from the answer unless the caller
// asked for it. A failed call has no capacity in its answer and costs nothing,
// unless its condition failed.
func (ep *Endpoint) countTable(c *call, r *http.Request, answer *http.Response, body []byte) []byte {
	var fields map[string]json.RawMessage
	if answer.StatusCode != http.StatusOK || json.Unmarshal(body, &fields) != nil {
		units := 0.0
		if failedCondition(body) {
			units = ep.unitsOfFailure(c, r)
		}
		for _, table := range c.resources {
			ep.config.Meter.Table(c.function, table, c.operation, 0, units)
		}
		return body
	}
	units := fields["ConsumedCapacity"]
	var all []consumed
	if json.Unmarshal(units, &all) != nil { // one object, not a list
		all = make([]consumed, 1)
		_ = json.Unmarshal(units, &all[0])
	}
	for _, one := range all {
		table := one.TableName
		if table == "" {
			table = strings.Join(c.resources, ",")
		}
		if capacityOf[c.operation] == reads {
			ep.config.Meter.Table(c.function, table, c.operation, max(one.CapacityUnits, leastUnits(c)), 0)
		} else {
			ep.config.Meter.Table(c.function, table, c.operation, 0, one.CapacityUnits)
		}
	}
	if c.asksCapacity || units == nil {
		return body
	}
	delete(fields, "ConsumedCapacity")
	body, _ = json.Marshal(fields) // decoded JSON can be encoded
	if answer.Header.Get("X-Amz-Crc32") != "" {
		answer.Header.Set("X-Amz-Crc32", checksumOf(body))
	}
	return body
}

// checksumOf returns the checksum of an answer as DynamoDB writes it.
func checksumOf(body []byte) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)
}

// countQueue meters the payload of a request, or of the answer if messages are
// received.
func (ep *Endpoint) countQueue(c *call, answer *http.Response, body []byte) []byte {
	payload := 0
	switch c.operation {
	case "SendMessage", "SendMessageBatch":
		payload = payloadOf(c.body)
	case "ReceiveMessage":
		if answer.StatusCode == http.StatusOK {
			payload = payloadOf(body)
		}
	}
	ep.config.Meter.Queue(c.function, strings.Join(c.resources, ","), c.operation, payload)
	return body
}

// payloadOf returns the size of the messages in a request or answer of SQS.
func payloadOf(body []byte) int {
	type message struct {
		MessageBody, Body string
		MessageAttributes map[string]struct{ DataType, StringValue string }
	}
	var all struct {
		message
		Entries, Messages []message
	}
	if strictjson.Unmarshal(body, &all) != nil {
		return len(body)
	}
	size := 0
	for _, m := range append(append(all.Entries, all.Messages...), all.message) {
		size += len(m.MessageBody) + len(m.Body)
		for name, value := range m.MessageAttributes {
			size += len(name) + len(value.DataType) + len(value.StringValue)
		}
	}
	return size
}
