// Package dynamo keeps connections and room logs in two DynamoDB tables. It
// implements the stores of package realtime with plain, strongly consistent
// calls: no index, no transaction, no stream.
//
// The table of connections:
//
//	pk                  sk              attributes
//	CONN#<connectionId> -               connectionId, userId, ip, connectedAt, rooms, ttl
//	ROOM#<roomId>#0     <connectionId>  connectionId, userId, roomId, connectedAt, ttl
//	USER#<userId>       <connectionId>  connectionId, userId, connectedAt, ttl
//
// The table of messages:
//
//	ROOM#<roomId>       HEAD            seq, epoch, shards
//	ROOM#<roomId>       <seq>           id, userId, message, timestamp, ttl
//
// Times are milliseconds, except ttl, which DynamoDB wants in seconds. The
// number behind a room in the first table is its shard: one for now. The seq
// in a sort key is padded to 16 digits, so that it sorts as a number; digits
// sort before HEAD.
//
// DynamoDB deletes what has expired late, by days: every read leaves it out.
package dynamo
