package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench/auth"
	"github.com/roomcast/roomcast/internal/lab/chaos"
	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/outputs"
	"github.com/roomcast/roomcast/internal/token"
)

// tortureTarget finds in a running stack what a torture needs.
func tortureTarget(r *cli.Running) (chaos.Target, error) {
	outputs := r.Outputs()
	for _, name := range []string{"MessageTableName", "BroadcastQueueUrl", "DeadLetterQueueUrl"} {
		if outputs[name] == "" {
			return chaos.Target{}, fmt.Errorf("torture: the app has no output %s: run one that holds Roomcast's RealtimeStack", name)
		}
	}
	mint, err := tortureMint(r)
	if err != nil {
		return chaos.Target{}, err
	}
	// The engines do not check who asks.
	nobody := credentials.NewStaticCredentialsProvider("torture", "torture", "")
	return chaos.Target{
		URL:       r.APIs()[0].WebSocketURL,
		Mint:      mint,
		Sweep:     func(ctx context.Context) error { return sweep(ctx, r) },
		Functions: r.Functions(),
		Store: &chaos.Store{
			DynamoDB:     dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(r.Engine("dynamodb")), Region: local.Region, Credentials: nobody}),
			SQS:          sqs.New(sqs.Options{BaseEndpoint: aws.String(r.Engine("sqs")), Region: local.Region, Credentials: nobody}),
			MessageTable: outputs["MessageTableName"],
			Queue:        outputs["BroadcastQueueUrl"],
			DLQ:          outputs["DeadLetterQueueUrl"],
		},
	}, nil
}

// tortureMint returns what signs the users' tokens, nil where the stack is open.
func tortureMint(r *cli.Running) (chaos.Mint, error) {
	if !r.APIs()[0].Guarded {
		return nil, nil
	}
	secret, ok := r.Secret(r.Outputs()[outputs.AuthSecret])
	if !ok {
		return nil, errors.New("torture: the stack takes the tokens of a provider: run one whose tokens are signed with a secret, or one that is open")
	}
	return func(user string, ends time.Time, permissions map[string]any) (string, error) {
		return token.Mint(secret, map[string]any{
			token.DefaultUserClaim: user, "iat": time.Now().Unix(), "exp": ends.Unix(), token.DefaultPermissionsClaim: permissions,
		})
	}, nil
}

// sweep has the connections closed whose token has ended, without waiting for
// the next minute. It does nothing where there is no function for that.
func sweep(ctx context.Context, r *cli.Running) error {
	for _, schedule := range r.Schedules() {
		if schedule.Label != auth.Expiry {
			continue
		}
		if err := r.FireSchedule(ctx, schedule.ARN); err != nil {
			return err
		}
	}
	return nil
}
