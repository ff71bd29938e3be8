package authorize

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/roomcast/roomcast/internal/authorizer"
	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/token/tokenenv"
)

// Request is a user who wants to connect, or to stay connected. The user's token
// has been verified.
type Request struct {
	// UserID is the user, by the token.
	UserID string
	// Claims are all claims of the token, as encoding/json decodes them. Do not
	// log them.
	Claims map[string]any
	// IP is the client's address.
	IP string
	// RoomID is the room that the client joins while connecting, as the client
	// wrote it; "" for none.
	RoomID string
	// Refresh is true if the client is connected and has sent a newer token.
	Refresh bool
}

// ErrRefused refuses a user. A handshake is answered with status 401, and a
// refresh with the error bad_token.
var ErrRefused = authorizer.ErrRefused

// Start runs the Lambda function and does not return. decide is called by one
// goroutine at a time, and its context ends with the function's timeout.
//
// If decide returns [ErrRefused], the user is refused. Any other error means
// that the permissions are not known at the moment: a handshake is answered with
// status 500, and a refresh with the error unavailable, after which clients try
// again. Invalid or too large permissions count as such an error. Errors are
// logged.
//
// If decide is nil, the permissions claim of the token decides, as in Roomcast's
// own function. If the environment lacks a variable, Start logs its name and
// exits.
func Start(decide func(context.Context, Request) (Permissions, error)) {
	h, err := load(context.Background(), os.Getenv, decide)
	if err != nil {
		slog.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(h.Handle)
}

// load returns the handler. It makes no call.
func load(ctx context.Context, getenv func(string) string, decide func(context.Context, Request) (Permissions, error)) (*authorizer.Handler, error) {
	config, err := backend.FromEnv(getenv, authorizer.Required...)
	var trusted tokenenv.Config
	if err == nil {
		trusted, err = tokenenv.FromEnv(getenv)
	}
	if err != nil {
		return nil, fmt.Errorf("authorize: %w: pass the function to a roomcastcdk.JwtAuthorizer, which sets its environment", err)
	}
	cfg, err := backend.LoadAWS(ctx)
	if err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	verifier, err := trusted.Verifier(cfg, decide != nil)
	if err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	core, _ := backend.New(cfg, config, slog.Default())
	return authorizer.New(verifier, core.Refresher, config.Pipeline(slog.Default()), checked(decide)), nil
}

// checked returns decide in the types that the handler knows; nil for nil.
func checked(decide func(context.Context, Request) (Permissions, error)) authorizer.Decide {
	if decide == nil {
		return nil
	}
	return func(ctx context.Context, r authorizer.Request) (permission.Permissions, error) {
		may, err := decide(ctx, Request(r))
		return may.checked(), err
	}
}
