package main

import (
	"context"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token/tokenenv"
)

func main() {
	slog.SetDefault(newLogger(os.Stdout, os.Getenv("AWS_LAMBDA_LOG_LEVEL")))
	handle, err := load(context.Background(), os.Getenv("_HANDLER"), os.Getenv)
	if err != nil {
		slog.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handle)
}

// load returns the handler of a name. It makes no call: the clients connect when they
// are first used.
func load(ctx context.Context, name string, getenv func(string) string) (any, error) {
	h, err := find(name)
	if err != nil {
		return nil, err
	}
	config, err := backend.FromEnv(getenv, h.required...)
	if err != nil {
		return nil, err
	}
	made := parts{
		pipeline:    config.Pipeline(slog.Default()),
		ownActions:  strings.FieldsFunc(getenv(settings.OwnActions), func(r rune) bool { return r == ',' }),
		maxReceives: config.MaxReceiveCount, auth: config.Auth,
	}
	cfg, err := backend.LoadAWS(ctx)
	if err != nil {
		return nil, err
	}
	if h.tokens {
		trusted, err := tokenenv.FromEnv(getenv)
		if err != nil {
			return nil, err
		}
		if made.tokens, err = trusted.Verifier(cfg, false); err != nil {
			return nil, err
		}
	}
	made.core, made.postpone = backend.New(cfg, config, slog.Default())
	return h.make(made), nil
}
