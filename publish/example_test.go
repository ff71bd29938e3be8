package publish_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/roomcast/roomcast/publish"
)

// A Lambda function, added by ChatApi.AddPublisher, announces each order of its
// queue in a room.
func ExampleFromEnv() {
	publisher, err := publish.FromEnv(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(func(ctx context.Context, e events.SQSEvent) error {
		for _, order := range e.Records {
			_, err := publisher.ToRoom(ctx, publish.Message{
				RoomID: "orders", UserID: "shop", Text: "order " + order.Body,
				IdempotencyKey: order.MessageId, // a queue may deliver a record twice
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// A program outside of the app's CDK stack finds the API by the stack outputs.
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
		RoomID: "lobby", UserID: "concierge", Text: "Tea is served.",
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
		To:     []string{"ada", "bob"},
		UserID: "shop",
		Data:   map[string]any{"kind": "shipped", "order": 4711},
	})
	if err != nil {
		log.Fatal(err)
	}
	if receipt.Delivered == 0 {
		fmt.Println("neither is connected: the notification is in their inboxes")
	}
}

// A refusal has a code. Other errors can be retried with the same key.
func ExampleCodeOf() {
	ctx := context.Background()
	publisher, err := publish.FromEnv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	_, err = publisher.ToRoom(ctx, publish.Message{
		RoomID: "lobby", UserID: "shop", Text: "…", IdempotencyKey: "order-4711",
	})
	switch {
	case publish.CodeOf(err) == publish.CodeMessageTooLarge:
		fmt.Println("shorten the text")
	case errors.Is(err, publish.ErrInvalid):
		log.Fatal(err) // a mistake in the program
	case err != nil:
		fmt.Println("send it again, with the same IdempotencyKey")
	}
}
