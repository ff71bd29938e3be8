// Command bootstrap is the function of the tests. It passes each message of
// its batch on to the queue OUT_QUEUE_URL, in the same group, with the SDK's
// default configuration. A message "fail" fails, "fail once" does so the first
// time, and with it, as FIFO queues ask for, every later message of its group.
// At "crash" the process ends, at "slow" it takes a quarter of a second.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	lambda.Start(handler{sqs.NewFromConfig(cfg)}.handle)
}

type handler struct{ client *sqs.Client }

func (h handler) handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var response events.SQSEventResponse
	failed := map[string]bool{}
	for _, m := range event.Records {
		group := m.Attributes["MessageGroupId"]
		first := m.Attributes["ApproximateReceiveCount"] == "1"
		switch m.Body {
		case "crash":
			os.Exit(1)
		case "slow":
			time.Sleep(250 * time.Millisecond)
		}
		if m.Body == "fail" || m.Body == "fail once" && first || failed[group] {
			failed[group] = true
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			continue
		}
		_, err := h.client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: aws.String(os.Getenv("OUT_QUEUE_URL")), MessageBody: &m.Body,
			MessageGroupId: &group, MessageDeduplicationId: &m.MessageId,
		})
		if err != nil {
			return response, err
		}
	}
	return response, nil
}
