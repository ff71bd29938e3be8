// Package usage describes what a stack that runs on this machine would be billed
// for on AWS, in AWS's units and without prices. It is what
// roomcasttest.Stack.Usage returns, and the JSON that GET /_roomcast/usage of
// `roomcast up` answers with.
//
// docs/reference/usage.md says where each unit comes from.
package usage

import "time"

// Snapshot is what was counted from Since until Until.
type Snapshot struct {
	// Since is when counting began, or was last reset.
	Since time.Time `json:"since"`
	// Until is when the snapshot was taken.
	Until time.Time `json:"until"`

	WebSocket WebSocket `json:"webSocket"`
	Lambda    Lambda    `json:"lambda"`
	DynamoDB  DynamoDB  `json:"dynamoDb"`
	SQS       SQS       `json:"sqs"`
	Logs      Logs      `json:"logs"`
}

// WebSocket is the usage of API Gateway.
type WebSocket struct {
	// MessagesIn are the messages from clients, in steps of 32 KB.
	MessagesIn int64 `json:"messagesIn"`
	// MessagesOut are the messages to clients, in steps of 32 KB.
	MessagesOut int64 `json:"messagesOut"`
	// Connections is how many connections were opened.
	Connections int64 `json:"connections"`
	// ConnectionMinutes are the minutes that connections were open, each
	// connection's rounded up. Open connections count up to Until.
	ConnectionMinutes int64 `json:"connectionMinutes"`

	// APIs has the connections of each API.
	APIs []API `json:"apis"`
	// Routes has the messages of each route.
	Routes []Route `json:"routes"`
}

// API is the usage of one WebSocket API's connections.
type API struct {
	// API is the id of the API.
	API               string `json:"api"`
	Connections       int64  `json:"connections"`
	ConnectionMinutes int64  `json:"connectionMinutes"`
}

// Route is the messages that a route received, or that a function sent.
type Route struct {
	// API is the id of the API.
	API string `json:"api"`
	// Route is the route key for messages in. For messages out it is the
	// function that sent them, or "" for API Gateway itself.
	Route    string `json:"route"`
	In       int64  `json:"in"`
	InBytes  int64  `json:"inBytes"`
	Out      int64  `json:"out"`
	OutBytes int64  `json:"outBytes"`
}

// Lambda is the usage of functions.
type Lambda struct {
	// Requests is the number of invocations.
	Requests int64 `json:"requests"`
	// GBSeconds is memory times duration, each invocation rounded up to 1 ms.
	GBSeconds float64    `json:"gbSeconds"`
	Functions []Function `json:"functions"`
}

// Function is the usage of one function.
type Function struct {
	// Function is its name, as `roomcast up` lists it.
	Function string `json:"function"`
	MemoryMB int    `json:"memoryMb"`
	Requests int64  `json:"requests"`
	// BilledMS are the milliseconds of all invocations, each rounded up.
	BilledMS int64 `json:"billedMs"`
	// DurationMS are the same milliseconds before rounding.
	DurationMS float64 `json:"durationMs"`
	// InitMS is the part of them that starting the function took.
	InitMS    float64 `json:"initMs"`
	GBSeconds float64 `json:"gbSeconds"`
}

// DynamoDB is the usage of tables, in read and write request units.
type DynamoDB struct {
	ReadUnits  float64 `json:"readUnits"`
	WriteUnits float64 `json:"writeUnits"`
	Tables     []Table `json:"tables"`
}

// Table is the usage of a table by one function and operation.
type Table struct {
	Table string `json:"table"`
	// Function is the caller, or "" if it is no function of the app.
	Function   string  `json:"function"`
	Operation  string  `json:"operation"`
	Calls      int64   `json:"calls"`
	ReadUnits  float64 `json:"readUnits"`
	WriteUnits float64 `json:"writeUnits"`
}

// SQS is the usage of queues.
type SQS struct {
	// Requests are the calls, in steps of 64 KB.
	Requests int64   `json:"requests"`
	Queues   []Queue `json:"queues"`
}

// Queue is the usage of a queue by one function and operation.
type Queue struct {
	Queue string `json:"queue"`
	// Function is the caller, or "" if it is no function of the app. The polls of
	// an event source count for the function that it invokes.
	Function  string `json:"function"`
	Operation string `json:"operation"`
	Calls     int64  `json:"calls"`
	// Requests are the calls, in steps of 64 KB.
	Requests int64 `json:"requests"`
}

// Logs is what functions have logged.
type Logs struct {
	Bytes     int64         `json:"bytes"`
	Functions []FunctionLog `json:"functions"`
}

// FunctionLog is what one function has logged.
type FunctionLog struct {
	Function string `json:"function"`
	Bytes    int64  `json:"bytes"`
}
