package awsendpoint_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/secrets"
)

// own has the permissions of a function that may use the table Chat (there only
// items of partition "a"), the queue jobs, the secret db and the parameter /app/a,
// and nothing else.
var own = strings.Join([]string{
	when(allow("dynamodb:*", chatTable, chatTable+"/index/*"), `{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["a"]}}`),
	allow("sqs:*", jobs),
	allow("secretsmanager:*", secretARN),
	allow("ssm:*", "arn:aws:ssm:us-east-1:000000000000:parameter/app/a"),
}, ",")

// A request never reaches an engine if a reader could take it for an allowed call:
// one that ignores the case of names, uses the last of two members, or reads a
// member of another operation.
func TestNothingElseIsReached(t *testing.T) {
	t.Parallel()
	const (
		denied = "AccessDenied"
		broken = "SerializationException"
		wrong  = "ValidationException"
		queue  = "http://h/000000000000/"
	)
	deep := strings.Repeat(`{"M":{"a":`, 60) + `{"S":"x"}` + strings.Repeat(`}}`, 60)
	for _, c := range []struct{ name, operation, body, want string }{
		{"another case, last", "GetItem", `{"TableName":"Other","tablename":"Chat","Key":{"pk":{"S":"a"}}}`, denied},
		{"another case, first", "GetItem", `{"TABLENAME":"Chat","TableName":"Other","Key":{"pk":{"S":"a"}}}`, denied},
		{"another case, alone", "GetItem", `{"tableName":"Chat","Key":{"pk":{"S":"a"}}}`, denied},
		{"a letter that folds", "Query", `{"TableName":"Other","ſelect":"COUNT","TableNa\u006de":"Chat"}`, broken},
		{"a duplicate", "GetItem", `{"TableName":"Other","TableName":"Chat","Key":{"pk":{"S":"a"}}}`, broken},
		{"an escaped duplicate", "GetItem", `{"TableName":"Chat","Table\u004eame":"Other","Key":{"pk":{"S":"a"}}}`, broken},
		{"a list for a name", "GetItem", `{"TableName":["Other"],"Key":{"pk":{"S":"a"}}}`, broken},
		{"a number for a name", "GetItem", `{"TableName":1}`, broken},
		{"a name with an index in it", "Query", `{"TableName":"Chat/index/byRoom"}`, wrong},
		{"an index with a path", "Query", `{"TableName":"Other","IndexName":"x/../../Chat"}`, wrong},
		{"an index of a table without one", "GetItem", `{"TableName":"Other","IndexName":"byRoom","Key":{"pk":{"S":"a"}}}`, denied},
		{"an ARN in place of a name", "GetItem", `{"ResourceArn":"` + chatTable + `","TableName":"Other"}`, denied},
		{"a name in place of an ARN", "TagResource", `{"TableName":"Chat","ResourceArn":"` + otherTable + `"}`, denied},
		{"an ARN of two tables", "TagResource", `{"ResourceArn":"` + chatTable + `/Other"}`, "ResourceNotFound"},
		{"an ARN of another table", "GetItem", `{"TableName":"` + otherTable + `","Key":{"pk":{"S":"a"}}}`, denied},
		{"an ARN of another account", "GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:111111111111:table/Chat"}`, "ResourceNotFound"},
		{"an ARN of another region", "GetItem", `{"TableName":"arn:aws:dynamodb:eu-west-1:000000000000:table/Chat"}`, "ResourceNotFound"},
		{"half an ARN", "GetItem", `{"TableName":"x:table/Chat"}`, wrong},
		{"an ARN of an index", "GetItem", `{"TableName":"` + chatTable + `/index/byRoom"}`, wrong},
		{"text after it", "GetItem", `{"TableName":"Chat","Key":{"pk":{"S":"a"}}}{"TableName":"Other"}`, broken},
		{"a byte order mark", "GetItem", "\ufeff" + `{"TableName":"Chat","Key":{"pk":{"S":"a"}}}`, broken},
		{"invalid UTF-8", "GetItem", `{"TableName":"Chat","Key":{"pk":{"S":"a` + "\xff" + `"}}}`, broken},
		{"a lone surrogate", "GetItem", `{"TableName":"Chat","Key":{"pk":{"S":"\ud800"}}}`, broken},
		{"no JSON", "GetItem", `TableName=Chat`, broken},
		{"nothing", "GetItem", ``, broken},
		{"a list", "GetItem", `[{"TableName":"Chat"}]`, broken},
		{"a prototype", "GetItem", `{"__proto__":{"TableName":"Other"},"Key":{"pk":{"S":"a"}}}`, broken},
		{"deep nesting", "PutItem", `{"TableName":"Chat","Item":{"pk":{"S":"a"},"x":` + deep + `}}`, broken},
		{"deeper nesting", "PutItem", `{"TableName":"Chat","Item":` + strings.Repeat("[", 1<<20), broken},

		{"another's key in another case", "GetItem", `{"TableName":"Chat","Key":{"pk":{"S":"b"}},"key":{"pk":{"S":"a"}}}`, denied},
		{"another's attribute in another case", "GetItem", `{"TableName":"Chat","Key":{"pk":{"S":"b"},"PK":{"S":"a"}}}`, denied},
		{"another's value in another case", "GetItem", `{"TableName":"Chat","Key":{"pk":{"S":"b","s":"a"}}}`, denied},
		{"another's value twice", "GetItem", `{"TableName":"Chat","Key":{"pk":{"S":"b","S":"a"}}}`, broken},
		{"another's attribute twice", "PutItem", `{"TableName":"Chat","Item":{"pk":{"S":"b"},"pk":{"S":"a"}}}`, broken},
		{"a number for another's value", "GetItem", `{"TableName":"Chat","Key":{"pk":{"N":5}}}`, broken},
		{"another's item as an update's", "UpdateItem", `{"TableName":"Chat","Key":{"pk":{"S":"b"}},"Item":{"pk":{"S":"a"}}}`, denied},
		{"another's query", "Query", `{"TableName":"Chat","KeyConditionExpression":":v = pk","ExpressionAttributeValues":{":v":{"S":"b"}}}`, denied},
		{"another's query, name in another case", "Query", `{"TableName":"Chat","KeyConditionExpression":"#k=:v","ExpressionAttributeNames":{"#k":"pk","#K":"sk"},"expressionattributenames":{"#k":"x"},"ExpressionAttributeValues":{":v":{"S":"b"},":V":{"S":"a"}}}`, denied},
		{"another's query, the older way", "Query", `{"TableName":"Chat","KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"b"}]}}}`, denied},
		{"both ways", "Query", `{"TableName":"Chat","KeyConditionExpression":"pk=:v","ExpressionAttributeValues":{":v":{"S":"a"}},"KeyConditions":{"pk":{"AttributeValueList":[{"S":"b"}]}}}`, denied},
		{"a query that is not understood", "Query", `{"TableName":"Chat","KeyConditionExpression":"pk\u00a0= :v","ExpressionAttributeValues":{":v":{"S":"b"}}}`, wrong},
		{"two keys", "Query", `{"TableName":"Chat","KeyConditionExpression":"pk=:a and pk=:b","ExpressionAttributeValues":{":a":{"S":"a"},":b":{"S":"b"}}}`, denied},

		{"a batch in another case", "BatchGetItem", `{"RequestItems":{"Other":{"Keys":[{"pk":{"S":"a"}}]}},"requestItems":{"Chat":{}}}`, denied},
		{"a batch's table twice", "BatchGetItem", `{"RequestItems":{"Chat":{},"Chat":{}}}`, broken},
		{"a batch's table by name and ARN", "BatchGetItem", `{"RequestItems":{"Chat":{},"` + chatTable + `":{}}}`, wrong},
		{"a batch's other table by ARN", "BatchGetItem", `{"RequestItems":{"Chat":{},"` + otherTable + `":{}}}`, denied},
		{"a batch's keys in another case", "BatchGetItem", `{"RequestItems":{"Chat":{"Keys":[{"pk":{"S":"b"}}],"keys":[{"pk":{"S":"a"}}]}}}`, denied},
		{"a batch's list for a table", "BatchGetItem", `{"RequestItems":["Chat"]}`, broken},
		{"a write in another case", "BatchWriteItem", `{"RequestItems":{"Chat":[{"PutRequest":{"Item":{"pk":{"S":"b"}}},"putRequest":{"Item":{"pk":{"S":"a"}}}}]}}`, denied},
		{"a write of two kinds", "BatchWriteItem", `{"RequestItems":{"Chat":[{"PutRequest":{"Item":{"pk":{"S":"a"}}},"DeleteRequest":{"Key":{"pk":{"S":"a"}}}}]}}`, wrong},
		{"a write of no kind", "BatchWriteItem", `{"RequestItems":{"Chat":[{"putrequest":{"Item":{"pk":{"S":"a"}}}}]}}`, wrong},
		{"a transaction in another case", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Other","tablename":"Chat"}}]}`, denied},
		{"a transaction's kind in another case", "TransactWriteItems", `{"TransactItems":[{"put":{"TableName":"Chat"}}]}`, wrong},
		{"a transaction's list in another case", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Other"}}],"transactitems":[{"Put":{"TableName":"Chat"}}]}`, denied},
		{"a transaction of two kinds", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Chat","Item":{"pk":{"S":"a"}}},"Delete":{"TableName":"Other"}}]}`, wrong},
		{"a transaction of the other operation", "TransactGetItems", `{"TransactItems":[{"Put":{"TableName":"Chat"}}]}`, wrong},
		{"a transaction's second part", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Chat","Item":{"pk":{"S":"a"}}}},{"Put":{}}]}`, wrong},

		{"PartiQL with from in a quoted name", "ExecuteStatement", `{"Statement":"SELECT \"x from Chat\" FROM \"Other\""}`, denied},
		{"PartiQL with from in a text", "ExecuteStatement", `{"Statement":"SELECT 'x from Chat' FROM \"Other\""}`, denied},
		{"PartiQL with from in a comment", "ExecuteStatement", `{"Statement":"SELECT a -- from Chat\nFROM \"Other\" /* */"}`, denied},
		{"PartiQL with from in a comment of many lines", "ExecuteStatement", `{"Statement":"/* x */ SELECT a /* from \n Chat */ FROM \"Other\""}`, denied},
		{"PartiQL of two tables", "ExecuteStatement", `{"Statement":"SELECT * FROM Chat WHERE a IN (SELECT b FROM Other)"}`, wrong},
		{"invalid PartiQL", "ExecuteStatement", `{"Statement":"MERGE INTO Other"}`, wrong},
		{"an invalid second statement", "BatchExecuteStatement", `{"Statements":[{"Statement":"SELECT * FROM Chat"},{"Statement":"( SELECT * FROM Other )"}]}`, wrong},
		{"a statement of another operation", "BatchExecuteStatement", `{"Statement":"SELECT * FROM Chat","Statements":[{"Statement":"SELECT * FROM Other"}]}`, denied},
		{"a statement in another case", "ExecuteStatement", `{"Statement":"SELECT * FROM Other","statement":"SELECT * FROM Chat"}`, denied},
		{"PartiQL on another's item", "ExecuteStatement", `{"Statement":"SELECT * FROM Chat WHERE \"pk\" = 'b'"}`, denied},
		{"PartiQL on another's item, turned round", "ExecuteStatement", `{"Statement":"SELECT * FROM Chat WHERE 'b' = pk"}`, denied},
		{"PartiQL on another's item in a list", "ExecuteStatement", `{"Statement":"SELECT * FROM Chat WHERE pk IN ['a', 'b']"}`, denied},
		{"PartiQL on another's item by parameter", "ExecuteStatement", `{"Statement":"UPDATE Chat SET x = ? WHERE pk = ?","Parameters":[{"S":"a"},{"S":"b"}]}`, denied},
		{"PartiQL puts another's item", "ExecuteStatement", `{"Statement":"INSERT INTO \"Chat\" VALUE {'pk': 'b'}"}`, denied},
		{"PartiQL in a literal of Ion", "ExecuteStatement", "{\"Statement\":\"SELECT `\\\" from Chat \\\"` FROM Other\"}", wrong},

		{"an operation in another case", "getItem", `{"TableName":"Chat"}`, "UnknownOperation"},
		{"an operation nobody knows", "CopyTable", `{"TableName":"Chat","SourceTableName":"Other"}`, "UnknownOperation"},
		{"two operations", "GetItem.DeleteTable", `{"TableName":"Chat"}`, "UnknownOperation"},

		{"a queue in another case", "SendMessage", `{"QueueUrl":"` + queue + `work","queueurl":"` + queue + `jobs"}`, denied},
		{"a queue twice", "SendMessage", `{"QueueUrl":"` + queue + `jobs","QueueUrl":"` + queue + `work"}`, broken},
		{"a queue as a list", "GetQueueUrl", `{"QueueName":["work"]}`, broken},
		{"a queue's URL where its name counts", "CreateQueue", `{"QueueUrl":"` + queue + `jobs","QueueName":"work"}`, denied},
		{"a queue's name where its URL counts", "PurgeQueue", `{"QueueUrl":"` + queue + `work","QueueName":"jobs"}`, denied},
		{"a queue behind a query", "SendMessage", `{"QueueUrl":"` + queue + `work?/jobs"}`, "InvalidAddress"},
		{"a queue behind a fragment", "SendMessage", `{"QueueUrl":"` + queue + `work#/jobs"}`, "InvalidAddress"},
		{"a queue by its name alone", "SendMessage", `{"QueueUrl":"jobs"}`, "InvalidAddress"},
		{"a queue of another account", "SendMessage", `{"QueueUrl":"http://h/111111111111/jobs"}`, "QueueDoesNotExist"},
		{"a queue of no account", "SendMessage", `{"QueueUrl":"http://h/jobs"}`, "QueueDoesNotExist"},
		{"a queue below a queue", "SendMessage", `{"QueueUrl":"` + queue + `work/jobs"}`, "QueueDoesNotExist"},
		{"an escaped queue", "SendMessage", `{"QueueUrl":"` + queue + `%6aobs"}`, "QueueDoesNotExist"},
		{"a queue of another owner", "GetQueueUrl", `{"QueueName":"jobs","QueueOwnerAWSAccountId":"111111111111"}`, "QueueDoesNotExist"},
		{"a queue's odd name", "CreateQueue", `{"QueueName":"work:jobs"}`, "InvalidParameterValue"},
		{"a queue's ARN where its URL counts", "ReceiveMessage", `{"SourceArn":"` + jobs + `","QueueUrl":"` + queue + `work"}`, denied},

		{"a secret in another case", "GetSecretValue", `{"SecretId":"other","secretid":"db"}`, denied},
		{"a secret in another case, alone", "GetSecretValue", `{"secretId":"db"}`, denied},
		{"a secret twice", "GetSecretValue", `{"SecretId":"db","SecretId":"other"}`, broken},
		{"a secret as a list", "GetSecretValue", `{"SecretId":["other"]}`, broken},
		{"a parameter in another case", "GetParameter", `{"Name":"/app/b","name":"/app/a"}`, denied},
		{"a parameter in another case, first", "GetParameter", `{"NAME":"/app/a","Name":"/app/b"}`, denied},
		{"a parameter twice", "GetParameter", `{"Name":"/app/a","Name":"/app/b"}`, broken},
		{"parameters in another case", "GetParameters", `{"Names":["/app/b"],"names":["/app/a"]}`, denied},
		{"parameters by a single name", "GetParameters", `{"Name":"/app/a","Names":["/app/b"]}`, denied},
		{"a parameter's path", "GetParametersByPath", `{"Name":"/app/a","Path":"/app"}`, denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url, calls := counting(t)
			f := open(t, awsendpoint.Config{
				Services: map[string]string{"dynamodb": url, "sqs": url}, Secrets: full(t), Keys: keys(t, false, own),
			})
			service, target := serviceOf(c.operation)
			answer, body := do(t, request(t, chat, f.URL(), service, c.body, func(r *http.Request) {
				r.Header.Set("X-Amz-Target", target+c.operation)
			}))
			if answer.StatusCode < 400 || !strings.Contains(body, c.want) {
				t.Errorf("answer %s: %s, want %s", answer.Status, body, c.want)
			}
			if n := calls.Load(); n != 0 || strings.Contains(body, "value of") || strings.Contains(body, "classified") {
				t.Errorf("it reached the engine: %d calls, answer %s", n, body)
			}
		})
	}
}

// serviceOf is the service that an operation of these tests belongs to.
func serviceOf(operation string) (service, target string) {
	switch {
	case strings.Contains(operation, "Secret"):
		return secrets.SecretsManager, "secretsmanager."
	case strings.Contains(operation, "Parameter"):
		return secrets.SSM, "AmazonSSM."
	case strings.Contains(operation, "Queue") || strings.Contains(operation, "Message"):
		return "sqs", "AmazonSQS."
	}
	return "dynamodb", "DynamoDB_20120810."
}

// Allowed calls are allowed in every notation, and the engine gets names instead of
// ARNs.
func TestWhatIsForwarded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, operation, body, forwarded string }{
		{"as it is", "GetItem", `{ "TableName":"Chat", "Key":{"pk":{"S":"a"}} }`, ""},
		{"unknown members", "GetItem", `{"tablename":"Other","TableName":"Chat","Key":{"pk":{"S":"a"}},"New":{"a":[1]}}`, ""},
		{"a table by ARN", "GetItem", `{"TableName":"` + chatTable + `","Key":{"pk":{"S":"a"},"sk":{"S":"` + chatTable + `"}}}`,
			`{"TableName":"Chat","Key":{"pk":{"S":"a"},"sk":{"S":"` + chatTable + `"}}}`},
		{"a batch by ARN", "BatchGetItem", `{"RequestItems":{"` + chatTable + `":{"Keys":[{"pk":{"S":"a"}}]}}}`,
			`{"RequestItems":{"Chat":{"Keys":[{"pk":{"S":"a"}}]}}}`},
		{"a transaction by ARN", "TransactWriteItems",
			`{"TransactItems":[{"Put":{"TableName":"` + chatTable + `","Item":{"pk":{"S":"a"},"TableName":{"S":"` + chatTable + `"}}}}]}`,
			`{"TransactItems":[{"Put":{"TableName":"Chat","Item":{"pk":{"S":"a"},"TableName":{"S":"` + chatTable + `"}}}}]}`},
		{"the deepest item of DynamoDB's", "BatchWriteItem", `{"RequestItems":{"Chat":[{"PutRequest":{"Item":{"pk":{"S":"a"},"x":` +
			strings.Repeat(`{"M":{"a":`, 32) + `{"S":"x"}` + strings.Repeat(`}}`, 32) + `}}}]}}`, ""},
		{"an index's ARN in PartiQL's place", "ExecuteStatement", `{"Statement":"select \"from\", 'it''s' from \"Chat\".byRoom where pk = 'a' -- from Other"}`, ""},
		{"a queue by AWS's URL", "SendMessage", `{"MessageBody":"x","QueueUrl":"https://sqs.eu-west-1.amazonaws.com/000000000000/jobs"}`,
			`{"MessageBody":"x","QueueUrl":"ENDPOINT/000000000000/jobs"}`},
		{"a queue by a URL of here", "SendMessage", `{"QueueUrl" : "ENDPOINT/000000000000/jobs"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := open(t, awsendpoint.Config{
				Services: map[string]string{"dynamodb": engine(t, "d"), "sqs": engine(t, "s")}, Keys: keys(t, false, own),
			})
			here := func(text string) string { return strings.ReplaceAll(text, "ENDPOINT", f.URL()) }
			service, target := serviceOf(c.operation)
			answer, body := do(t, request(t, chat, f.URL(), service, here(c.body), func(r *http.Request) {
				r.Header.Set("X-Amz-Target", target+c.operation)
			}))
			var got struct{ Body, Target string }
			if err := json.Unmarshal([]byte(body), &got); err != nil || answer.StatusCode != http.StatusTeapot {
				t.Fatalf("answer %s: %s", answer.Status, body)
			}
			want := c.forwarded
			if want == "" {
				want = c.body
			}
			if got.Body != here(want) || got.Target != target+c.operation {
				t.Errorf("the engine got %s: %s\nwant %s", got.Target, got.Body, here(want))
			}
		})
	}
}

// No part of a request but its body can change its meaning for the engine.
func TestOddRequests(t *testing.T) {
	t.Parallel()
	const get, list = "DynamoDB_20120810.GetItem", "DynamoDB_20120810.ListTables"
	for name, change := range map[string]func(*http.Request){
		"two targets":                 func(r *http.Request) { r.Header["X-Amz-Target"] = []string{get, list} },
		"two targets in one":          func(r *http.Request) { r.Header.Set("X-Amz-Target", get+", "+list) },
		"no target":                   func(r *http.Request) { r.Header.Del("X-Amz-Target") },
		"a target in another case":    func(r *http.Request) { r.Header.Set("X-Amz-Target", "dynamodb_20120810.GetItem") },
		"an older API":                func(r *http.Request) { r.Header.Set("X-Amz-Target", "DynamoDB_20111205.GetItem") },
		"another service's target":    func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage") },
		"a target with a space":       func(r *http.Request) { r.Header.Set("X-Amz-Target", get+" x") },
		"another method":              func(r *http.Request) { r.Method = http.MethodPut },
		"another path":                func(r *http.Request) { r.URL.Path = "/_fauxqs/queues/jobs" },
		"a query":                     func(r *http.Request) { r.URL.RawQuery = "Action=DeleteTable" },
		"no content type":             func(r *http.Request) { r.Header.Del("Content-Type") },
		"two content types":           func(r *http.Request) { r.Header.Add("Content-Type", "application/x-www-form-urlencoded") },
		"a content type with another": func(r *http.Request) { r.Header.Set("Content-Type", "text/plain; application/x-www-form-urlencoded") },
		"a list of content types":     func(r *http.Request) { r.Header.Set("Content-Type", "application/x-amz-json-1.0, text/plain") },
		"a form":                      func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") },
		"a form in another case":      func(r *http.Request) { r.Header.Set("Content-Type", "Application/X-WWW-Form-Urlencoded") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, calls := counting(t)
			f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": url}, Keys: keys(t, false, allow("*", "*"))})
			answer, body := do(t, request(t, chat, f.URL()+"/", "dynamodb", `{"TableName":"Chat"}`, func(r *http.Request) {
				r.Header.Set("X-Amz-Target", get)
				change(r)
			}))
			if n := calls.Load(); answer.StatusCode != http.StatusBadRequest || n != 0 {
				t.Errorf("answer %s: %s; the engine got %d calls", answer.Status, body, n)
			}
		})
	}
}
