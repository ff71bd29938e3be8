// Package dynamo keeps connections, room logs, sends and inboxes in two
// DynamoDB tables. It implements the stores of package realtime with plain
// calls: no index, no transaction, no stream. They are strongly consistent,
// but for the first look at a send.
//
// The table of connections:
//
//	pk                  sk              attributes
//	CONN#<connectionId> -               connectionId, userId, ip, connectedAt, rooms, seats,
//	                                    may, endsAt, order, marks, ttl
//	ROOM#<roomId>#<n>   <connectionId>  connectionId, userId, roomId, connectedAt, ttl,
//	                                    established, has, presentUntil, order, joinedAt
//	USER#<userId>       <connectionId>  connectionId, userId, connectedAt, ttl
//	EXPIRY#<m>#<n>      <connectionId>  connectionId, endsAt, ttl
//	SEAT#<holder>#<n>   <slot>          connectionId, ttl
//	RATE#<bucket>       -               full, ttl
//
// The table of messages:
//
//	ROOM#<roomId>       HEAD            seq, epoch, startedAt, advancedAt,
//	                                    shards, open, members, layout, floor
//	ROOM#<roomId>       <seq>           id, userId, message, timestamp, ttl
//	SEND#<userId>       ROOM#<n>#<clientId>#<roomId>
//	                                    id, timestamp, seq, ttl
//	SEND#<userId>       NOTIFY#<clientId>
//	                                    id, timestamp, seq, ttl
//	SERVICE#<userId>    as of SEND      what services send in a user's name
//	INBOX#<userId>      <id>            from, service, notification, timestamp, ttl
//	INBOX#<userId>      STATE           kept, dropped, forgiven, trims, trimming, ttl
//
// Times are milliseconds, except ttl, presentUntil and endsAt, which are
// seconds, as DynamoDB wants them. The n behind a room in the first table is a
// shard of it, from 0 on; the rooms of a connection are a map from room to a
// number that has the shard in it, its seats one from holder to slot. Its order
// counts its joins and leaves; in a room it is that of the join. An item of a room
// without a connectionId is a mark: it refuses what an earlier join still stores.
// marks names the keys of those. What a connection may do is JSON;
// one without permits nothing. endsAt is when its token ends, m the minute of
// that since 1970, n a hash of the connection's id modulo 2. A holder is
// IP#<address>, USER#<userId> or ROOM#<roomId>; its slots are padded to six
// digits, and the n behind it is their block of a thousand. A bucket is
// USER#<userId> or CURSORS#<n>; full is the time at which it will be full, in
// microseconds. The layout of a head counts the changes of shards, open and
// members; open is a set of shards. The seq in a sort key is padded to 16 digits, so that it sorts
// as a number; digits sort before HEAD. An entry of a log without an id is
// void: there is no message at that seq. The n of a send is the number of bytes
// of its clientId. The id of a notification is a ULID, which sorts before
// STATE. Of an inbox, dropped counts what was ever dropped, forgiven how many of
// those the user has acknowledged; trims counts the times that an inbox was cut
// to its size, and trimming names what was dropped the last time until it is
// deleted.
//
// DynamoDB deletes what has expired late, by days: every read leaves it out.
// Only a seq of a log stays taken by what has expired.
package dynamo
