package roomcastclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

const stackURL = "wss://abc123.execute-api.eu-west-1.amazonaws.com/prod" // an output of the stack

// signIn stands for a function that gets a token of a user.
func signIn(context.Context) (string, error) { return "eyJhbGciOi...", nil }

// A service joins a room, handles its messages, and continues where it was when it
// runs again.
func Example() {
	ctx := context.Background()
	client, err := roomcastclient.New(roomcastclient.Options{
		URL:     stackURL,
		Token:   signIn,
		OnError: func(err error) { log.Print(err) },
	})
	if err != nil {
		log.Fatal(err) // an option is invalid
	}
	defer client.Close()

	room := client.Room("orders")
	room.OnMessage(func(m roomcastclient.Message) {
		fmt.Println(m.UserID, m.Text)
		if at, ok := room.Position(); ok {
			save(at) // with what the message did
		}
	})
	room.OnJoined(func(j roomcastclient.Joined) {
		if !j.Recovered {
			fmt.Println("messages before", j.Position.Seq, "may be missing; read room.History")
		}
	})
	var opts []roomcastclient.JoinOption
	if at, ok := saved(); ok {
		opts = append(opts, roomcastclient.WithSince(at))
	}
	if _, err := room.Join(ctx, opts...); err != nil {
		log.Fatal(err)
	}

	receipt, err := room.Send(ctx, "the archive is listening")
	switch roomcastclient.CodeOf(err) {
	case "": // no error, or the context's
	case roomcastclient.CodeForbidden:
		log.Fatal("this user may only read: ", err)
	case roomcastclient.CodeOutcomeUnknown:
		log.Print("look for the message in room.History before sending it again: ", err)
	default:
		log.Print(err)
	}
	fmt.Println("sent as number", receipt.Seq)
}

const positionFile = "orders.position"

func save(at roomcastclient.Position) {
	data, _ := json.Marshal(at) // two plain fields
	if err := os.WriteFile(positionFile, data, 0o600); err != nil {
		log.Print(err)
	}
}

func saved() (at roomcastclient.Position, ok bool) {
	data, err := os.ReadFile(positionFile)
	return at, err == nil && json.Unmarshal(data, &at) == nil
}

// Pages of a room's history, the newest first.
func ExampleRoom_History() {
	client, err := roomcastclient.New(roomcastclient.Options{URL: stackURL, Token: signIn})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	room := client.Room("orders")
	if _, err := room.Join(ctx); err != nil {
		log.Fatal(err)
	}
	var before int64 // 0: the newest
	for {
		page, err := room.History(ctx, roomcastclient.WithBefore(before), roomcastclient.WithLimit(100))
		if err != nil {
			log.Fatal(err)
		}
		for _, m := range page.Messages {
			fmt.Println(m.Seq, m.UserID, m.Text)
		}
		if !page.More {
			return
		}
		before = page.Before
	}
}

// A request to a route that AddRoute added. The route's function replies with the
// clientId of the frame; what it posts besides is passed to OnFrame.
func ExampleClient_Request() {
	client, err := roomcastclient.New(roomcastclient.Options{
		URL:     stackURL,
		Token:   signIn,
		OnFrame: func(f roomcastclient.Frame) { fmt.Println("a frame of the application's own:", f.Type) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	reply, err := client.Request(context.Background(), "shout", map[string]any{"roomId": "lobby", "message": "dinner"})
	if refused, ok := errors.AsType[*roomcastclient.Error](err); ok {
		log.Fatalf("refused with the code %s: %s", refused.Code, refused.Message)
	}
	if err != nil {
		log.Fatal(err)
	}
	var shouted struct{ Seq int64 }
	if err := reply.Decode(&shouted); err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Type, shouted.Seq)
}

// A program that learns that the network has changed checks the connection at once.
func ExampleClient_CheckConnection() {
	client, err := roomcastclient.New(roomcastclient.Options{URL: "ws://127.0.0.1:3001/local", UserID: "ada"})
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
