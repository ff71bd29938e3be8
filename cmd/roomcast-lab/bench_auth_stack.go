package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench/auth"
	"github.com/roomcast/roomcast/internal/outputs"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
)

// authStacks are the stacks that bench auth compares, and what they stand on.
type authStacks struct {
	open, secret, keys auth.Stack

	closers []func() error // the last one first
}

func (s *authStacks) close() error {
	var err error
	for _, end := range slices.Backward(s.closers) {
		err = errors.Join(err, end())
	}
	return err
}

// startAuth starts the app open, with its own secret and with a provider's keys.
func startAuth(ctx context.Context, flags cli.StackFlags, out cli.Console) (_ *authStacks, err error) {
	if flags.Assembly != "" {
		return nil, errors.New("bench auth runs an app with tokens and without: name its folder with --app instead of an assembly")
	}
	s := &authStacks{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	provider, err := auth.StartProvider()
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, provider.Stop)
	closed, err := s.assemble(ctx, flags, out)
	if err != nil {
		return nil, err
	}
	trusting, err := os.MkdirTemp("", "roomcast-keys-")
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return os.RemoveAll(trusting) })
	if err := provider.Trust(closed, trusting); err != nil {
		return nil, err
	}

	open := flags
	open.Context.Open, open.Environment = true, map[string]string{settings.MessageRate: "0"}
	if s.open, _, err = s.start(ctx, open, out); err != nil {
		return nil, err
	}
	flags.Context, flags.Port = cli.ContextFlags{}, 0 // it has been synthesized, and the port is taken
	flags.Assembly = trusting
	if s.keys, _, err = s.start(ctx, flags, out); err != nil {
		return nil, err
	}
	s.keys.Sign = provider.Sign
	flags.Assembly = closed
	var r *cli.Running
	if s.secret, r, err = s.start(ctx, flags, out); err != nil {
		return nil, err
	}
	s.secret.Sign = func(claims map[string]any) (string, error) {
		secret, ok := r.Secret(r.Outputs()[outputs.AuthSecret])
		if !ok {
			return "", errors.New("bench auth: the stack's secret has no value")
		}
		return token.Mint(secret, claims)
	}
	return s, nil
}

// assemble synthesizes the app with tokens and returns the assembly's folder.
func (s *authStacks) assemble(ctx context.Context, flags cli.StackFlags, out cli.Console) (string, error) {
	made, err := flags.Assemble(ctx, out)
	s.closers = append(s.closers, made.Remove)
	return made.Dir, err
}

func (s *authStacks) start(ctx context.Context, flags cli.StackFlags, out cli.Console) (auth.Stack, *cli.Running, error) {
	r, err := startBench(ctx, flags, out)
	if err != nil {
		return auth.Stack{}, nil, err
	}
	s.closers = append(s.closers, r.Close)
	for _, name := range []string{auth.Session, auth.Sender} {
		if !slices.Contains(r.Functions(), name) {
			return auth.Stack{}, nil, fmt.Errorf("bench auth: the app has no function %s: run one that holds Roomcast's RealtimeStack", name)
		}
	}
	// The first sweep for tokens that have ended looks back two hours. A stack
	// that has been up for a minute has that behind it.
	if err := sweep(ctx, r); err != nil {
		return auth.Stack{}, nil, err
	}
	return auth.Stack{URL: r.APIs()[0].WebSocketURL, Usage: r.Usage}, r, nil
}
