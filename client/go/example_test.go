package roomcast_test

import (
	"context"
	"fmt"
	"log"

	roomcast "github.com/roomcast/roomcast/client/go"
)

// signIn stands for what gets a token of the user "archive".
func signIn(context.Context) (string, error) { return "eyJhbGciOi...", nil }

// A service listens to a room and goes on where it was when it runs again.
func Example() {
	ctx := context.Background()
	saved := &roomcast.Position{Seq: 42, Epoch: "01J8Z3"} // from a file, say
	client, err := roomcast.New(roomcast.Options{
		URL: func(context.Context) (string, error) {
			return "wss://abc123.execute-api.eu-west-1.amazonaws.com/prod", nil
		},
		Token:     signIn,
		OnMessage: func(m roomcast.Message) { fmt.Println(m.UserID, m.Text) },
		OnJoined: func(j roomcast.Joined) {
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
