package awsendpoint

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// notCarriedOut is the error of a batch entry that was left out.
const notCarriedOut = "An injected fault skipped this part of the batch."

// runPartly processes every second part of a batch and answers that the others were
// not processed. The two halves alternate. DynamoDB refuses a batch if it can
// process nothing of it, so a batch of one item may be refused.
func (ep *Endpoint) runPartly(c call, w http.ResponseWriter, r *http.Request) {
	b := newBatch(c, int(ep.partly.Add(1))&1)
	switch {
	case b == nil:
		refusal{http.StatusServiceUnavailable, "ServiceUnavailable", notCarriedOut}.write(w, r, c.service)
		return
	case b.kept == 0 && c.service == "dynamodb":
		refusal{http.StatusBadRequest, "ProvisionedThroughputExceededException",
			"The level of configured provisioned throughput for one or more tables was exceeded."}.write(w, r, c.service)
		return
	case b.kept == 0:
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write(b.amend([]byte(`{"Successful":[]}`)))
		return
	}
	c.body = b.request()
	answer, err := ep.ask(c, r)
	if err == nil {
		err = b.amendAnswer(answer)
	}
	if err != nil {
		ep.failed(c, err, w, r)
		return
	}
	pass(answer, w)
}

// batch is a batch whose parts are not all processed.
type batch struct {
	fields  map[string]json.RawMessage // the request without the skipped parts
	kept    int                        // how many parts are processed
	dropped int                        // how many parts are skipped
	name    string                     // the field of the answer with the skipped parts
	left    any                        // the value of that field
}

// newBatch splits a batch. It returns nil for an invalid body or one without parts.
// odd is 0 to skip the first part, and 1 to skip the second. At least one part is
// skipped.
func newBatch(c call, odd int) *batch {
	b := &batch{}
	if json.Unmarshal(c.body, &b.fields) != nil {
		return nil
	}
	n := odd
	halve := func(all []json.RawMessage) (now, later []json.RawMessage) {
		for _, part := range all {
			if n++; n%2 == 0 {
				now = append(now, part)
			} else {
				later = append(later, part)
			}
		}
		b.kept += len(now)
		b.dropped += len(later)
		return now, later
	}
	var ok bool
	switch c.operation {
	case "BatchWriteItem":
		ok = b.splitWrites(halve)
	case "BatchGetItem":
		ok = b.splitGets(halve)
	default:
		ok = b.splitEntries(halve)
	}
	switch {
	case !ok:
		return nil
	case b.kept+b.dropped == 0:
		return nil
	case b.dropped == 0: // skip the only part
		return newBatch(c, 1-odd)
	}
	return b
}

type halve func([]json.RawMessage) (now, later []json.RawMessage)

func (b *batch) splitWrites(halve halve) bool {
	var tables map[string][]json.RawMessage
	if json.Unmarshal(b.fields["RequestItems"], &tables) != nil {
		return false
	}
	now, later := map[string]any{}, map[string]any{}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		first, second := halve(tables[table])
		add(now, table, first, first)
		add(later, table, second, second)
	}
	b.fields["RequestItems"] = encode(now)
	b.name, b.left = "UnprocessedItems", later
	return true
}

func (b *batch) splitGets(halve halve) bool {
	var tables map[string]map[string]json.RawMessage
	if json.Unmarshal(b.fields["RequestItems"], &tables) != nil {
		return false
	}
	now, later := map[string]any{}, map[string]any{}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		var keys []json.RawMessage
		if json.Unmarshal(tables[table]["Keys"], &keys) != nil {
			return false
		}
		with := func(keys []json.RawMessage) map[string]json.RawMessage {
			get := maps.Clone(tables[table])
			get["Keys"] = encode(keys)
			return get
		}
		first, second := halve(keys)
		add(now, table, first, with(first))
		add(later, table, second, with(second))
	}
	b.fields["RequestItems"] = encode(now)
	b.name, b.left = "UnprocessedKeys", later
	return true
}

func (b *batch) splitEntries(halve halve) bool {
	var entries []json.RawMessage
	if json.Unmarshal(b.fields["Entries"], &entries) != nil {
		return false
	}
	now, later := halve(entries)
	type failure struct {
		Id          string
		SenderFault bool
		Code        string
		Message     string
	}
	failed := make([]failure, len(later))
	for i, entry := range later {
		failed[i] = failure{Code: "InternalError", Message: notCarriedOut}
		_ = json.Unmarshal(entry, &struct{ Id *string }{&failed[i].Id}) // SQS refuses a batch without it
	}
	b.fields["Entries"] = encode(now)
	b.name, b.left = "Failed", failed
	return true
}

// add stores a table's parts, if there are any.
func add(to map[string]any, table string, parts []json.RawMessage, value any) {
	if len(parts) > 0 {
		to[table] = value
	}
}

// request returns the body with the processed parts.
func (b *batch) request() []byte { return encode(b.fields) }

// amendAnswer adds the skipped parts to the engine's answer, unless that is an
// error.
func (b *batch) amendAnswer(answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // the body was read
	if err != nil {
		return err
	}
	body = b.amend(body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	if answer.Header.Get("X-Amz-Crc32") != "" {
		answer.Header.Set("X-Amz-Crc32", checksumOf(body))
	}
	return nil
}

func (b *batch) amend(answer []byte) []byte {
	fields := map[string]json.RawMessage{}
	_ = json.Unmarshal(answer, &fields) // engines answer with an object
	fields[b.name] = encode(b.left)
	return encode(fields)
}

// encode encodes decoded JSON or strings.
func encode(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encoded
}
