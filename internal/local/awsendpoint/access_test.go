package awsendpoint_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/awsendpoint"
)

// Calls without valid credentials are refused in each service's own form.
func TestRefusesWithoutValidCredentials(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": engine(t, "dynalite"), "sqs": engine(t, "fauxqs")}})
	with := func(change func(*access.Credentials)) access.Credentials {
		c := chat
		change(&c)
		return c
	}
	stranger := with(func(c *access.Credentials) { c.AccessKeyID = "ASIASTRANGER" })
	forged := with(func(c *access.Credentials) { c.SecretAccessKey = "guessed" })
	untold := with(func(c *access.Credentials) { c.SessionToken = "" })
	for _, c := range []struct {
		name, service string
		by            access.Credentials
		break_        func(*http.Request)
		status        int
		code          string
	}{
		{"not signed", "dynamodb", access.Credentials{}, nil, 400, "MissingAuthenticationTokenException"},
		{"signed by a stranger", "dynamodb", stranger, nil, 400, "UnrecognizedClientException"},
		{"signed with another secret", "dynamodb", forged, nil, 400, "InvalidSignatureException"},
		{"without the session token", "dynamodb", untold, nil, 400, "UnrecognizedClientException"},
		{"half a signature", "dynamodb", chat, func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "Signature=", "Sig=", 1))
		}, 400, "IncompleteSignatureException"},
		{"changed on the way", "dynamodb", chat, func(r *http.Request) { r.Header.Set("X-Amz-Target", "DynamoDB_20120810.Scan") }, 400, "InvalidSignatureException"},
		{"SQS, not signed", "sqs", access.Credentials{}, nil, 403, "MissingAuthenticationTokenException"},
		{"SQS, by a stranger", "sqs", stranger, nil, 403, "UnrecognizedClientException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target := map[string]string{"dynamodb": "DynamoDB_20120810.GetItem", "sqs": "AmazonSQS.ReceiveMessage"}[c.service]
			r := request(t, c.by, f.URL(), c.service, `{"TableName":"Chat"}`, func(r *http.Request) { r.Header.Set("X-Amz-Target", target) })
			if c.break_ != nil {
				c.break_(r)
			}
			answer, body := do(t, r)
			if answer.StatusCode != c.status || !strings.Contains(body, `"__type":"`+c.code+`"`) {
				t.Errorf("answer %s: %s, want %d with %s", answer.Status, body, c.status, c.code)
			}
			if header := answer.Header.Get("X-Amzn-Query-Error"); (c.service == "sqs") != strings.HasSuffix(header, ";Sender") {
				t.Errorf("X-Amzn-Query-Error is %q", header)
			}
		})
	}
}

const (
	chatTable  = "arn:aws:dynamodb:us-east-1:000000000000:table/Chat"
	otherTable = "arn:aws:dynamodb:us-east-1:000000000000:table/Other"
	jobs       = "arn:aws:sqs:us-east-1:000000000000:jobs"
)

// Every operation takes the permission that it takes on AWS, and no other.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const (
		get = `{"TableName":"Chat","Key":{"pk":{"S":"a"}}}`
		url = `"QueueUrl":"http://127.0.0.1:1/000000000000/jobs"`
	)
	leading := `{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["a"]}}`
	for _, c := range []struct {
		name, operation, body, statement string
		refused                          string // the action and resource of the refusal, "" for none
	}{
		{"get", "GetItem", get, allow("dynamodb:GetItem", chatTable), ""},
		{"get by ARN", "GetItem", strings.Replace(get, `"Chat"`, `"`+chatTable+`"`, 1), allow("dynamodb:GetItem", chatTable), ""},
		{"get with another action", "GetItem", get, allow("dynamodb:Query", chatTable), "dynamodb:GetItem on resource: " + chatTable},
		{"get of another table", "GetItem", get, allow("dynamodb:GetItem", otherTable), "dynamodb:GetItem on resource: " + chatTable},
		{"query", "Query", `{"TableName":"Chat"}`, allow("dynamodb:Query", chatTable), ""},
		{"query of an index", "Query", `{"TableName":"Chat","IndexName":"byRoom"}`, allow("dynamodb:Query", chatTable), "dynamodb:Query on resource: " + chatTable + "/index/byRoom"},
		{"query of a granted index", "Query", `{"TableName":"Chat","IndexName":"byRoom"}`, allow("dynamodb:Query", chatTable+"/index/*"), ""},
		{"scan of an index", "Scan", `{"TableName":"Chat","IndexName":"byRoom"}`, allow("dynamodb:Scan", chatTable), "dynamodb:Scan on resource: " + chatTable + "/index/byRoom"},
		{"batch of one table", "BatchWriteItem", `{"RequestItems":{"Chat":[]}}`, allow("dynamodb:BatchWriteItem", chatTable), ""},
		{"batch write by PutItem", "BatchWriteItem", `{"RequestItems":{"Chat":[]}}`, allow("dynamodb:PutItem", chatTable), "dynamodb:BatchWriteItem on resource: " + chatTable},
		{"batch of two tables", "BatchGetItem", `{"RequestItems":{"Chat":{},"Other":{}}}`, allow("dynamodb:BatchGetItem", chatTable), "dynamodb:BatchGetItem on resource: " + otherTable},
		{"transaction", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Chat"}}]}`, allow("dynamodb:PutItem", chatTable), ""},
		{"transaction of two tables", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Chat"}},{"Put":{"TableName":"Other"}}]}`, allow("dynamodb:PutItem", chatTable), "dynamodb:PutItem on resource: " + otherTable},
		{"condition check", "TransactWriteItems", `{"TransactItems":[{"ConditionCheck":{"TableName":"Chat"}}]}`, allow("dynamodb:PutItem", chatTable), "dynamodb:ConditionCheckItem on resource: " + chatTable},
		{"transaction by its own name", "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"Chat"}}]}`, allow("dynamodb:TransactGetItems", chatTable), "dynamodb:GetItem on resource: " + chatTable},
		{"not in a transaction", "PutItem", `{"TableName":"Chat"}`, when(allow("dynamodb:PutItem", chatTable), `{"ForAnyValue:StringEquals":{"dynamodb:EnclosingOperation":"TransactWriteItems"}}`), "dynamodb:PutItem on resource: " + chatTable},
		{"in a transaction", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Chat"}}]}`, when(allow("dynamodb:PutItem", chatTable), `{"ForAnyValue:StringEquals":{"dynamodb:EnclosingOperation":"TransactWriteItems"}}`), ""},
		{"PartiQL", "ExecuteStatement", `{"Statement":"select * from \"Chat\".\"byRoom\" where room='a'"}`, allow("dynamodb:PartiQLSelect", chatTable+"/index/byRoom"), ""},
		{"PartiQL with from in a text", "ExecuteStatement", `{"Statement":"UPDATE \"Chat\" SET note='mail from bob' WHERE pk='a'"}`, allow("dynamodb:PartiQLUpdate", chatTable), ""},
		{"PartiQL in two lines", "ExecuteStatement", `{"Statement":"SELECT a\nFROM Chat"}`, allow("dynamodb:PartiQLSelect", chatTable), ""},
		{"PartiQL insert", "ExecuteStatement", `{"Statement":"INSERT INTO Chat VALUE {'pk': 'a'}"}`, allow("dynamodb:PartiQLInsert", chatTable), ""},
		{"PartiQL delete", "ExecuteStatement", `{"Statement":"Delete\n from \"Chat\" where pk='a'"}`, allow("dynamodb:PartiQLDelete", chatTable), ""},
		{"PartiQL of another kind", "BatchExecuteStatement", `{"Statements":[{"Statement":"UPDATE Chat SET a=1"}]}`, allow("dynamodb:PartiQLSelect", chatTable), "dynamodb:PartiQLUpdate on resource: " + chatTable},
		{"no table", "ListTables", `{}`, allow("dynamodb:ListTables", chatTable), "dynamodb:ListTables on resource: arn:aws:dynamodb:us-east-1:000000000000:table/*"},
		{"a tag", "TagResource", `{"ResourceArn":"` + otherTable + `"}`, allow("dynamodb:TagResource", chatTable), "dynamodb:TagResource on resource: " + otherTable},
		{"no name", "GetItem", `{}`, allow("dynamodb:GetItem", chatTable), "dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/*"},
		{"own item", "GetItem", get, when(allow("dynamodb:GetItem", chatTable), leading), ""},
		{"another's item", "GetItem", strings.Replace(get, `"a"`, `"b"`, 1), when(allow("dynamodb:GetItem", chatTable), leading), "dynamodb:GetItem on resource: " + chatTable},
		{"own query", "Query", `{"TableName":"Chat","KeyConditionExpression":"#k = :v and sk > :s","ExpressionAttributeNames":{"#k":"pk"},"ExpressionAttributeValues":{":v":{"S":"a"}}}`, when(allow("dynamodb:Query", chatTable), leading), ""},
		{"another's query", "Query", `{"TableName":"Chat","KeyConditionExpression":"pk=:v","ExpressionAttributeValues":{":v":{"S":"b"}}}`, when(allow("dynamodb:Query", chatTable), leading), "dynamodb:Query on resource: " + chatTable},
		{"another's in a batch", "BatchWriteItem", `{"RequestItems":{"Chat":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"b"}}}}]}}`, when(allow("dynamodb:BatchWriteItem", chatTable), leading), "dynamodb:BatchWriteItem on resource: " + chatTable},
		{"send", "SendMessage", `{` + url + `}`, allow("sqs:SendMessage", jobs), ""},
		{"send a batch", "SendMessageBatch", `{` + url + `}`, allow("sqs:SendMessage", jobs), ""},
		{"send a batch by its name", "SendMessageBatch", `{` + url + `}`, allow("sqs:SendMessageBatch", jobs), "sqs:sendmessage on resource: " + jobs},
		{"delete a batch", "DeleteMessageBatch", `{` + url + `}`, allow("sqs:DeleteMessage", jobs), ""},
		{"change visibility of a batch", "ChangeMessageVisibilityBatch", `{` + url + `}`, allow("sqs:ChangeMessageVisibility", jobs), ""},
		{"another queue", "SendMessage", `{"QueueUrl":"http://127.0.0.1:1/000000000000/work"}`, allow("sqs:SendMessage", jobs), "sqs:sendmessage on resource: arn:aws:sqs:us-east-1:000000000000:work"},
		{"by its name", "GetQueueUrl", `{"QueueName":"jobs"}`, allow("sqs:GetQueueUrl", jobs), ""},
		{"redrive", "StartMessageMoveTask", `{"SourceArn":"` + jobs + `"}`, allow("sqs:StartMessageMoveTask", jobs), ""},
		{"no queue", "ListQueues", `{}`, allow("sqs:ListQueues", jobs), "sqs:listqueues on resource: arn:aws:sqs:us-east-1:000000000000:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service, target := "dynamodb", "DynamoDB_20120810."
			if strings.Contains(c.statement, "sqs:") {
				service, target = "sqs", "AmazonSQS."
			}
			f := open(t, awsendpoint.Config{
				Services: map[string]string{service: engine(t, "engine")}, Keys: keys(t, false, c.statement),
			})
			answer, body := do(t, request(t, chat, f.URL(), service, c.body, func(r *http.Request) {
				r.Header.Set("X-Amz-Target", target+c.operation)
			}))
			if c.refused == "" {
				if answer.StatusCode != http.StatusTeapot {
					t.Errorf("refused: %s", body)
				}
				return
			}
			action, _, _ := strings.Cut(c.refused, " ")
			want := "User: arn:aws:sts::000000000000:assumed-role/ChatRole/chat-fn is not authorized to perform: " + c.refused +
				" because no identity-based policy allows the " + action + " action"
			if answer.StatusCode == http.StatusTeapot || !strings.Contains(body, want) {
				t.Errorf("answer %s: %s\nwant %s", answer.Status, body, want)
			}
		})
	}
}

// SDKs find the error code of a denial.
func TestTheSDKsUnderstandADenial(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{
		Services: map[string]string{"dynamodb": engine(t, "dynalite"), "sqs": engine(t, "fauxqs")},
		Keys:     keys(t, false, `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":["dynamodb:GetItem","sqs:SendMessage"],"Resource":"*"}`),
	})
	_, getErr := dynamo(f, chat).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Chat"), Key: map[string]types.AttributeValue{}})
	_, sendErr := queues(f, chat).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(f.URL() + "/000000000000/jobs"), MessageBody: aws.String("x")})
	for _, c := range []struct {
		err  error
		code string
	}{{getErr, "AccessDeniedException"}, {sendErr, "AccessDenied"}} {
		var refused smithy.APIError
		if !errors.As(c.err, &refused) || refused.ErrorCode() != c.code ||
			!strings.HasSuffix(refused.ErrorMessage(), " with an explicit deny in an identity-based policy") {
			t.Errorf("got %v, want %s", c.err, c.code)
		}
	}
}

// With IAM off no call is denied, and functions are still identified by their keys.
func TestOff(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": engine(t, "dynalite")}, Keys: keys(t, true, "")})
	forged := chat
	forged.SecretAccessKey = "guessed"
	for _, by := range []access.Credentials{{}, chat, forged, {AccessKeyID: "x", SecretAccessKey: "y"}} {
		answer, body := do(t, request(t, by, f.URL(), "dynamodb", "{}", func(r *http.Request) {
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		}))
		if answer.StatusCode != http.StatusTeapot {
			t.Errorf("%q is refused: %s", by.AccessKeyID, body)
		}
	}
	if _, body := do(t, request(t, chat, f.URL(), "kms", "{}", nil)); !strings.Contains(body, "function Chat called") {
		t.Errorf("the caller is not known: %s", body)
	}
}
