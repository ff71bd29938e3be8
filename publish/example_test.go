package publish_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/roomcast/roomcast/publish"
)

// A Lambda function that was added by ChatApi.AddPublisher tells a room about
// every order that comes out of its queue.
func ExampleFromEnv() {
	publisher, err := publish.FromEnv(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(func(ctx context.Context, e events.SQSEvent) error {
		for _, order := range e.Records {
			_, err := publisher.ToRoom(ctx, publish.Message{
				RoomID: "orders", UserID: "shop", Message: "order " + order.Body,
				Key: order.MessageId, // a function may be given a record twice
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// A service outside of Lambda names the stack by its outputs.
func ExampleNew() {
	publisher, err := publish.New(context.Background(), publish.Config{
		ConnectionTable:   "my-stack-connections",
		MessageTable:      "my-stack-messages",
		CallbackURL:       "https://abc123.execute-api.eu-west-1.amazonaws.com/prod",
		BroadcastQueueURL: "https://sqs.eu-west-1.amazonaws.com/123456789012/my-stack-broadcast.fifo",
	})
	if err != nil {
		log.Fatal(err)
	}
	_ = publisher
}

func ExamplePublisher_ToRoom() {
	ctx := context.Background()
	publisher, err := publish.FromEnv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := publisher.ToRoom(ctx, publish.Message{
		RoomID: "lobby", UserID: "concierge", Message: "Tea is served.",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("message", receipt.Seq, "of the lobby")
}

func ExamplePublisher_ToUsers() {
	ctx := context.Background()
	publisher, err := publish.FromEnv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := publisher.ToUsers(ctx, publish.Notification{
		UserIDs:      []string{"ada", "bob"},
		From:         "shop",
		Notification: map[string]any{"kind": "shipped", "order": 4711},
	})
	if err != nil {
		log.Fatal(err)
	}
	if receipt.Delivered == 0 {
		fmt.Println("neither of them is connected: it waits in their inboxes")
	}
}
