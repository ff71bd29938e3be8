package polling

import (
	"time"

	"github.com/roomcast/roomcast/internal/local/usage"
)

// List prices in us-east-1, November 2026, in dollars: docs/explanation/performance.md has
// the sources.
const (
	perMessage          = 1.00 / 1e6 // a WebSocket message, in or out
	perConnectionMinute = 0.25 / 1e6
	perFunctionCall     = 0.20 / 1e6
	perGBSecond         = 0.0000133334 // arm64
	perWriteUnit        = 0.625 / 1e6
	perReadUnit         = 0.125 / 1e6
	perQueueRequest     = 0.50 / 1e6 // FIFO
	perGBOut            = 0.09
)

// month is the time that a bill is for.
const month = 30 * 24 * time.Hour

// What a poll costs a function at least, on AWS: the smallest one for two
// milliseconds, and an eventually consistent read of one small item. These are
// assumptions, in favour of polling: nothing stands before the function, as a
// function URL has no price of its own.
const (
	pollGBSeconds = 0.125 * 0.002
	pollReadUnits = 0.5
)

// Bill is what 30 days of a load cost, in dollars.
type Bill struct {
	Gateway  float64 `json:"gateway"`
	Lambda   float64 `json:"lambda"`
	DynamoDB float64 `json:"dynamoDb"`
	SQS      float64 `json:"sqs"`
	DataOut  float64 `json:"dataOut"`
	Total    float64 `json:"total"`
}

func (b Bill) sum() Bill {
	b.Total = b.Gateway + b.Lambda + b.DynamoDB + b.SQS + b.DataOut
	return b
}

// pushBill is the bill of a WebSocket, from what the local cloud metered. Opening
// connections again, every two hours at the latest, is not in it.
func pushBill(before, after usage.Snapshot, took time.Duration, users int, s Side) Bill {
	times := float64(month) / float64(took)
	messages := after.WebSocket.MessagesIn + after.WebSocket.MessagesOut - before.WebSocket.MessagesIn - before.WebSocket.MessagesOut
	return Bill{
		Gateway: times*float64(messages)*perMessage + float64(users)*month.Minutes()*perConnectionMinute,
		Lambda: times * (float64(after.Lambda.Requests-before.Lambda.Requests)*perFunctionCall +
			(after.Lambda.GBSeconds-before.Lambda.GBSeconds)*perGBSecond),
		DynamoDB: times * ((after.DynamoDB.WriteUnits-before.DynamoDB.WriteUnits)*perWriteUnit +
			(after.DynamoDB.ReadUnits-before.DynamoDB.ReadUnits)*perReadUnit),
		SQS:     times * float64(after.SQS.Requests-before.SQS.Requests) * perQueueRequest,
		DataOut: times * float64(s.Wire.Down) / 1e9 * perGBOut,
	}.sum()
}

// pollBill is the bill of polling.
func pollBill(s Side, took time.Duration) Bill {
	times := float64(month) / float64(took)
	polls := times * float64(s.Requests)
	return Bill{
		Lambda:   polls * (perFunctionCall + pollGBSeconds*perGBSecond),
		DynamoDB: polls*pollReadUnits*perReadUnit + times*float64(s.Updates)*perWriteUnit,
		DataOut:  times * float64(s.Wire.Down) / 1e9 * perGBOut,
	}.sum()
}
