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

// Request is what a decision is made about: a user whose token is good. Claims
// are all claims of the token as encoding/json decodes them; do not log them. IP
// is the client's address, RoomID the room that it asks for at its handshake (""
// for none), and Refresh says that it is connected and has a newer token.
type Request = authorizer.Request

// Permissions are what a user may do: what the Rules list, less what Deny, which
// is Rules too, lists. The zero value permits nothing. They may take 2 KiB of JSON.
type Permissions = permission.Permissions

// Rules list what is permitted, or what is denied, each as [Patterns]: Rooms,
// for everything with a room, Join, Send and History, and Notify, of users.
type Rules = permission.Rules

// Patterns name rooms or users: by a whole name ("lobby"), by how it begins
// ("team-*"), or all ("*"). Each has 1 to 129 characters.
type Patterns = permission.Patterns

// ErrRefused is for a decision about somebody who must not connect at all. The
// handshake is answered with status 401, and a refresh with the error
// bad_token.
var ErrRefused = authorizer.ErrRefused

// Default are the permissions of a signed-in user whose token claims none: all
// with any room, and notify nobody.
func Default() Permissions { return permission.Default() }

// Everything permits all with any room, and to notify anybody.
func Everything() Permissions { return permission.Everything() }

// Start runs the function, and does not return. decide is called for every
// connection, and for every newer token of one, by one goroutine at a time. It
// has what is left of the function's timeout. An error that is not
// [ErrRefused] means that it cannot be known now: the handshake is answered
// with status 500, and a refresh with the error unavailable, which clients try
// again. Permissions that are too large, or have a pattern that is none, are
// such an error. Errors are logged.
//
// With nil for decide the token's claim decides, as in Roomcast's own function.
// If the function's environment lacks something, Start says so in the log and
// ends the process.
func Start(decide func(context.Context, Request) (Permissions, error)) {
	h, err := load(context.Background(), os.Getenv, decide)
	if err != nil {
		slog.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(h.Handle)
}

// load returns the handler. It makes no call.
func load(ctx context.Context, getenv func(string) string, decide authorizer.Decide) (*authorizer.Handler, error) {
	config, err := backend.FromEnv(getenv, authorizer.Needs)
	var trusted tokenenv.Config
	if err == nil {
		trusted, err = tokenenv.FromEnv(getenv)
	}
	if err != nil {
		return nil, fmt.Errorf("authorize: %w: let constructs.JwtAuthorizer make the function's environment", err)
	}
	cfg, err := backend.LoadAWS(ctx)
	if err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	verifier, err := trusted.Verifier(cfg, decide != nil)
	if err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	service, _ := backend.New(cfg, config, slog.Default())
	return authorizer.New(verifier, service, config.Pipeline(slog.Default()), decide), nil
}
