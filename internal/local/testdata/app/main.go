// Command app is the bootstrap of the stacks in the tests: WebSocket functions,
// an authorizer and a queue's worker, picked by _HANDLER. It uses nothing of Roomcast.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	switch os.Getenv("_HANDLER") {
	case "guard":
		lambda.Start(guard)
	case "whoami":
		lambda.Start(whoami)
	case "worker":
		lambda.Start(worker{apigatewaymanagementapi.NewFromConfig(cfg, func(o *apigatewaymanagementapi.Options) {
			o.BaseEndpoint = aws.String(os.Getenv("CALLBACK"))
		})}.handle)
	}
	lambda.Start(socket{dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)}.handle)
}

type socket struct {
	db    *dynamodb.Client
	queue *sqs.Client
}

func (s socket) handle(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	ok := events.APIGatewayProxyResponse{StatusCode: 200}
	id := e.RequestContext.ConnectionID
	switch e.RequestContext.RouteKey {
	case "$connect":
		if e.QueryStringParameters["room"] == "" {
			return events.APIGatewayProxyResponse{StatusCode: 400}, nil
		}
		_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(os.Getenv("TABLE")),
			Item: map[string]types.AttributeValue{
				"pk":   &types.AttributeValueMemberS{Value: id},
				"sk":   &types.AttributeValueMemberS{Value: "-"},
				"room": &types.AttributeValueMemberS{Value: e.QueryStringParameters["room"]},
			},
		})
		return ok, err
	case "job":
		body, err := json.Marshal(job{Connection: id, Text: e.Body})
		if err != nil {
			return ok, err
		}
		_, err = s.queue.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl:       aws.String(os.Getenv("QUEUE")),
			MessageBody:    aws.String(string(body)),
			MessageGroupId: aws.String(id),
		})
		return ok, err
	}
	fmt.Println("echo to", id)
	ok.Body = fmt.Sprintf("%s %s %s%s", e.Body, os.Getenv("STAGE"), os.Getenv("DEPTH"), os.Getenv("ONLY_PROD"))
	return ok, nil
}

type job struct{ Connection, Text string }

type worker struct {
	connections *apigatewaymanagementapi.Client
}

// handle posts each job's text back to its connection. A job that asks for
// "poison" fails every time.
func (w worker) handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	var failed events.SQSEventResponse
	for _, record := range e.Records {
		var j job
		if err := json.Unmarshal([]byte(record.Body), &j); err != nil {
			return failed, err
		}
		var text struct{ Poison bool }
		if err := json.Unmarshal([]byte(j.Text), &text); err != nil {
			return failed, err
		}
		if text.Poison {
			failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			continue
		}
		if _, err := w.connections.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{
			ConnectionId: aws.String(j.Connection),
			Data:         []byte("done: " + j.Text),
		}); err != nil {
			return failed, err
		}
	}
	return failed, nil
}

// guard is a Lambda authorizer that looks at the query's token.
func guard(e events.APIGatewayCustomAuthorizerRequestTypeRequest) (map[string]any, error) {
	effect := "Deny"
	switch e.QueryStringParameters["token"] {
	case "nobody":
		return nil, errors.New("Unauthorized")
	case "broken":
		return nil, errors.New("out of order")
	case "ada":
		effect = "Allow"
	}
	return map[string]any{
		"principalId": e.QueryStringParameters["token"],
		"context":     map[string]any{"level": 7},
		"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Action": "execute-api:Invoke", "Effect": effect, "Resource": e.MethodArn},
		}},
	}, nil
}

// whoami answers with what the authorizer said of the client.
func whoami(e events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	body, err := json.Marshal(e.RequestContext.Authorizer)
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(body)}, err
}
