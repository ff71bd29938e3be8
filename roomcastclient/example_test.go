package roomcastclient_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// signIn stands for what gets a token of the user "archive".
func signIn(context.Context) (string, error) { return "eyJhbGciOi...", nil }

// A service listens to a room and goes on where it was when it runs again.
func Example() {
	ctx := context.Background()
	saved := &roomcastclient.Position{Seq: 42, Epoch: "01J8Z3"} // from a file, say
	client, err := roomcastclient.New(roomcastclient.Options{
		URL: func(context.Context) (string, error) {
			return "wss://abc123.execute-api.eu-west-1.amazonaws.com/prod", nil
		},
		Token:     signIn,
		OnMessage: func(m roomcastclient.Message) { fmt.Println(m.UserID, m.Text) },
		OnJoined: func(j roomcastclient.Joined) {
			if !j.Recovered {
				fmt.Println("some messages before", j.Position.Seq, "are missing")
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Join(ctx, "orders", saved); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Send(ctx, "orders", "the archive listens"); err != nil {
		log.Fatal(err)
	}
	if at, ok := client.Position("orders"); ok {
		saved = &at
	}
}

// An application with a route of its own, added by AddRoute, asks it with
// Request. The route's function answers with the frame's clientId; what it posts
// besides comes to OnFrame.
func ExampleClient_Request() {
	ctx := context.Background()
	client, err := roomcastclient.New(roomcastclient.Options{
		URL: func(context.Context) (string, error) {
			return "wss://abc123.execute-api.eu-west-1.amazonaws.com/prod", nil
		},
		Token: signIn,
		OnFrame: func(f roomcastclient.Frame) {
			fmt.Println("the application's own:", f.Type)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	reply, err := client.Request(ctx, "shout", map[string]any{"roomId": "lobby", "message": "dinner"})
	var refused *roomcastclient.Error
	switch {
	case errors.As(err, &refused):
		log.Fatalf("refused with the code %s: %s", refused.Code, refused.Message)
	case err != nil:
		log.Fatal(err)
	}
	var shouted struct{ Seq int64 }
	if err := reply.Decode(&shouted); err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Type, shouted.Seq)
}

// A program that learns of a change of the network has the client look after its
// connection at once.
func ExampleClient_CheckConnection() {
	client, err := roomcastclient.New(roomcastclient.Options{
		URL: func(context.Context) (string, error) { return "ws://127.0.0.1:3001/local?userId=ada", nil },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := client.CheckConnection(ctx); err != nil {
		fmt.Println("offline:", err)
	}
}
