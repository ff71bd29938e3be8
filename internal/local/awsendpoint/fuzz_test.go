package awsendpoint

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/secrets"
)

// FuzzJudgedIsForwarded sends any body for any operation. The endpoint must have
// authorized exactly what an independent reader finds in the body for the engine.
// That reader matches names exactly, as the engines do.
func FuzzJudgedIsForwarded(f *testing.F) {
	const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/Chat"
	for _, body := range []string{
		`{"TableName":"Other","tablename":"Chat","Key":{"pk":{"S":"b","s":"a"}},"key":{}}`,
		`{"TableName":"` + arn + `","Key":{"pk":{"N":"1","S":"x"}},"IndexName":"i","Select":"COUNT"}`,
		`{"TableName":"Chat","Item":{"pk":{"B":"AA=="},"PK":{"S":"a"},"x":{"M":{"pk":{"S":"c"}}}}}`,
		`{"RequestItems":{"` + arn + `":{"Keys":[{"pk":{"S":"a"}}]},"Other":{"keys":[]}},"requestitems":{}}`,
		`{"RequestItems":{"Chat":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"b"}}}}]}}`,
		`{"TransactItems":[{"Put":{"TableName":"` + arn + `","Item":{"pk":{"S":"a"}}},"put":{}},{"Delete":{"TableName":"Other","Key":{}}}]}`,
		`{"TransactItems":[{"Get":{"TableName":"Chat","Key":{"pk":{"S":"a"}},"tablename":"x"}}]}`,
		`{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/000000000000/jobs","queueUrl":"x","QueueName":"y"}`,
		`{"QueueName":"jobs.fifo","QUEUENAME":"x","SourceArn":"arn:aws:sqs:us-east-1:000000000000:q"}`,
		`{"SecretId":"db","secretid":"x"}`, `{"Name":"/a:1","name":"b","Names":["/a","b"],"Path":"/"}`,
		`{"TableName":"a","TableName":"b"}`, "\ufeff{}", `{"__proto__":{}}`, `{}x`, `{"TableName":null}`,
	} {
		for operation := range uint8(12) {
			f.Add(operation, []byte(body))
		}
	}
	endpoint, err := Start(Config{
		Keys: access.New(access.Options{}), AccountID: "000000000000", Region: "us-east-1", Logger: slog.New(slog.DiscardHandler),
		Secrets:      secrets.New(secrets.Config{AccountID: "000000000000", Region: "us-east-1"}),
		PartitionKey: func(string, string) string { return "pk" },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = endpoint.Close() })
	operations := []string{
		"GetItem", "PutItem", "UpdateItem", "Scan", "DescribeTable", "BatchGetItem", "BatchWriteItem", "TransactGetItems",
		"TransactWriteItems", "SendMessage", "GetQueueUrl", "GetSecretValue", "GetParameter", "GetParameters",
	}
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		c := call{operation: operations[int(n)%len(operations)], body: body}
		var target string
		c.service, target = serviceOfOperation(c.operation)
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", target+"."+c.operation)
		if endpoint.describe(&c, r) != nil {
			return
		}
		var sent map[string]any
		if err := json.Unmarshal(c.body, &sent); err != nil {
			t.Fatalf("%q is forwarded, which is no object: %v", c.body, err)
		}
		names, keys := found(c.operation, sent)
		if judged := slices.Compact(slices.Sorted(slices.Values(c.resources))); !slices.Equal(judged, names) {
			t.Errorf("%s %q: judged %q, forwarded %q", c.operation, c.body, judged, names)
		}
		if len(names) == 0 {
			return // it takes the permission on everything, and the engine refuses it
		}
		leading := map[string]bool{}
		for _, n := range c.needs {
			for _, key := range n.context["dynamodb:leadingkeys"] {
				leading[key] = true
			}
		}
		if !maps.Equal(leading, keys) {
			t.Errorf("%s %q: judged the keys %v, forwarded %v", c.operation, c.body, leading, keys)
		}
	})
}

func serviceOfOperation(operation string) (service, target string) {
	switch {
	case strings.Contains(operation, "Secret"):
		return secrets.SecretsManager, "secretsmanager"
	case strings.Contains(operation, "Parameter"):
		return secrets.SSM, "AmazonSSM"
	case strings.Contains(operation, "Queue") || strings.Contains(operation, "Message"):
		return "sqs", "AmazonSQS"
	}
	return "dynamodb", "DynamoDB_20120810"
}

// found reads, member by member, what a request concerns: sorted names, and values
// of the partition key pk.
func found(operation string, sent map[string]any) (names []string, keys map[string]bool) {
	seen := map[string]bool{}
	keys = map[string]bool{}
	name := func(v any) {
		if text, _ := v.(string); text != "" {
			seen[text] = true
		}
	}
	item := func(v any) {
		of, _ := v.(map[string]any)
		value, _ := of["pk"].(map[string]any)
		for _, kind := range []string{"S", "N", "B"} {
			if text, ok := value[kind].(string); ok {
				keys[text] = true
			}
		}
	}
	list := func(v any) []any { all, _ := v.([]any); return all }
	member := func(v any, of string) any { m, _ := v.(map[string]any); return m[of] }
	switch operation {
	case "GetItem", "UpdateItem":
		name(sent["TableName"])
		item(sent["Key"])
	case "PutItem":
		name(sent["TableName"])
		item(sent["Item"])
	case "Scan", "DescribeTable":
		name(sent["TableName"])
	case "BatchGetItem", "BatchWriteItem":
		tables, _ := sent["RequestItems"].(map[string]any)
		for table, requests := range tables {
			name(table)
			for _, key := range list(member(requests, "Keys")) {
				item(key)
			}
			for _, write := range list(requests) {
				item(member(member(write, "PutRequest"), "Item"))
				item(member(member(write, "DeleteRequest"), "Key"))
			}
		}
	case "TransactGetItems", "TransactWriteItems":
		kinds := map[string]string{"Get": "Key"}
		if operation == "TransactWriteItems" {
			kinds = map[string]string{"Put": "Item", "Update": "Key", "Delete": "Key", "ConditionCheck": "Key"}
		}
		for _, part := range list(sent["TransactItems"]) {
			for kind, key := range kinds {
				name(member(member(part, kind), "TableName"))
				item(member(member(part, kind), key))
			}
		}
	case "SendMessage":
		url, _ := sent["QueueUrl"].(string)
		name(url[strings.LastIndexByte(url, '/')+1:])
	case "GetQueueUrl":
		name(sent["QueueName"])
	case "GetSecretValue":
		id, _ := sent["SecretId"].(string)
		if strings.HasPrefix(id, "arn:") {
			id = id[strings.LastIndexByte(id, ':')+1:]
		}
		name(id)
	case "GetParameter", "GetParameters":
		all := []any{sent["Name"]}
		if operation == "GetParameters" {
			all = list(sent["Names"])
		}
		for _, one := range all {
			if given, _ := one.(string); given != "" {
				bare, _ := secrets.SplitSelector(given)
				seen[bare] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen)), keys
}
