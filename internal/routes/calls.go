package routes

import "slices"

// The calls on tables.
const (
	get        = "dynamodb:GetItem"
	put        = "dynamodb:PutItem"
	update     = "dynamodb:UpdateItem"
	del        = "dynamodb:DeleteItem"
	query      = "dynamodb:Query"
	batchWrite = "dynamodb:BatchWriteItem"
)

func calls(names ...string) []string { return names }

// Calls that go together.
var (
	// reachMembers finds out who is connected or in a room, and removes the
	// connections that turn out to be gone, with the rows that count them.
	reachMembers = calls(get, query, batchWrite, del)
	// sendWithinRate does the same for a user, and counts what the user sends.
	sendWithinRate = slices.Concat(reachMembers, calls(update))
	// appendMessage claims the send, or reads what a copy of it did, counts
	// the room's sequence up and puts the message.
	appendMessage = calls(get, update, put)
	// readLog reads a room's head and log, and resolves gaps by putting
	// tombstones. In the head it notes up to where it did.
	readLog = calls(get, query, put, update)
	// keepNotification claims the send, puts the notification into inboxes,
	// counts, and drops the oldest of an inbox that is full.
	keepNotification = calls(get, put, update, query, batchWrite)
	// readInbox reads an inbox, and drops first what it holds above its limit.
	readInbox = calls(get, query, update, batchWrite)
	// justPost posts to a socket. A cursor finds no connection to be gone.
	justPost = []string{"POST"}
	// postAndConfirm posts to a socket, and asks whether one is really gone.
	postAndConfirm = []string{"POST", "GET"}
)
