package fanout

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/local/usage"
)

// Stack is a stack that runs on this machine, as the bench sees it.
type Stack struct {
	// URL is where clients connect, CallbackURL where functions would post
	// to if they were not diverted.
	URL, CallbackURL string
	// DynamoDB leads to the engine of the tables, past what is counted.
	DynamoDB *dynamodb.Client
	// ConnectionTable and MessageTable are the names of the tables.
	ConnectionTable, MessageTable string
	// Usage returns what the stack was used for since it started.
	Usage func() usage.Snapshot
}

// cost is what the stack was used for, as AWS would bill it.
type cost struct {
	write, read            float64
	queue                  int64
	messages               int64
	lambda                 int64
	gbSeconds, logMegabyte float64
}

func (s Stack) cost() cost {
	u := s.Usage()
	return cost{
		write: u.DynamoDB.WriteUnits, read: u.DynamoDB.ReadUnits, queue: u.SQS.Requests,
		messages: u.WebSocket.MessagesIn + u.WebSocket.MessagesOut, lambda: u.Lambda.Requests,
		gbSeconds: u.Lambda.GBSeconds, logMegabyte: float64(u.Logs.Bytes) / 1e6,
	}
}
