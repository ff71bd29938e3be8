package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
	"github.com/roomcast/roomcast/internal/local"
)

// measured is a running stack whose functions post to a counting server.
type measured struct {
	*cli.Running
	dir string // of the assembly that says so, "" for none
}

func (m *measured) close() error { return errors.Join(m.Running.Close(), os.RemoveAll(m.dir)) }

// startMeasured starts a stack for a load, without a limit of requests a second
// either, whose functions post to a counting server unless that is nil, except
// those with the handlers that are named.
func startMeasured(ctx context.Context, flags cli.StackFlags, out cli.Console, counting *fanout.Counting, except ...string) (_ *measured, err error) {
	m := &measured{}
	if m.dir, err = os.MkdirTemp("", "roomcast-diverted-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(m.dir))
		}
	}()
	var diverted error
	flags.Adapt = func(o *local.Options) {
		o.RequestRate = -1
		if counting != nil {
			diverted = fanout.Divert(o.Assembly, m.dir, counting.Address, except...)
			o.Assembly = m.dir
		}
	}
	m.Running, err = startBench(ctx, forLoad(flags), out)
	return m, cmp.Or(diverted, err)
}

// fanoutStack finds in a running stack what bench fanout needs.
func fanoutStack(r *measured) (fanout.Stack, error) {
	outputs := r.Outputs()
	for _, name := range []string{"ConnectionTableName", "MessageTableName"} {
		if outputs[name] == "" {
			return fanout.Stack{}, fmt.Errorf("bench: the app has no output %s: run one that holds Roomcast's RealtimeStack", name)
		}
	}
	nobody := credentials.NewStaticCredentialsProvider("bench", "bench", "") // the engine does not check who asks
	return fanout.Stack{
		URL: r.APIs()[0].WebSocketURL, CallbackURL: r.APIs()[0].CallbackURL,
		DynamoDB:        dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(r.Engine("dynamodb")), Region: local.Region, Credentials: nobody}),
		ConnectionTable: outputs["ConnectionTableName"], MessageTable: outputs["MessageTableName"],
		Usage: r.Usage,
	}, nil
}
