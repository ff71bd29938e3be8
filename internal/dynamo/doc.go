// Package dynamo implements the stores of the core on two DynamoDB tables, with plain
// calls: no index, no transaction, no stream. Reads are strongly consistent, except the
// first look at a send. Each store is a type of its own, and several share a table.
//
// The table of connections:
//
//	pk                   sk              attributes
//	CONN#<connectionId>  -               connectionId, userId, ip, connectedAt, rooms, slots,
//	                                     permissions, tokenExpiresAt, order, tombstones, ttl
//	ROOM#<roomId>#<n>    <connectionId>  connectionId, userId, roomId, connectedAt, ttl,
//	                                     established, acked, presentUntil, order, joinedAt
//	USER#<userId>        <connectionId>  connectionId, userId, connectedAt, ttl
//	TOKENEXPIRY#<m>#<n>  <connectionId>  connectionId, tokenExpiresAt, ttl
//	SLOT#<quota>#<n>     <number>        connectionId, ttl
//	BUCKET#<bucket>      -               fullAt, ttl
//
// The table of messages:
//
//	ROOM#<roomId>        HEAD            seq, epoch, startedAt, advancedAt, shards, open,
//	                                     members, layoutVersion, floor, ttl
//	ROOM#<roomId>        <seq>           id, userId, message, timestamp, ttl
//	SEND#<userId>        ROOM#<n>#<clientId>#<roomId>
//	                                     id, timestamp, seq, ttl
//	SEND#<userId>        NOTIFY#<clientId>
//	                                     id, timestamp, seq, digest, ttl
//	SERVICE#<userId>     as of SEND      what services send in a user's name
//	INBOX#<userId>       <id>            from, service, notification, timestamp, ttl
//	INBOX#<userId>       STATE           count, dropped, droppedAcked, trims, trimming, ttl
//
// Times are milliseconds, except ttl, presentUntil and tokenExpiresAt, which are seconds,
// and fullAt, which is microseconds.
//
// A connection: rooms is a map from each room to a number that holds the shard and the
// order of the join; slots is a map from each quota to the number of the slot. order
// counts the joins and leaves of the connection. permissions is JSON; without it a
// connection may do nothing. tombstones are the keys of the tombstones that its joins and
// leaves left.
//
// A membership: n is the shard, from 0, and order is that of the join. A membership
// without a connectionId is a tombstone: it refuses what an earlier join still stores.
//
// A token expiry: m is the minute since 1970, and n is a hash of the connection's id
// modulo the number of parts.
//
// A slot: a quota is IP#<address>, USER#<userId> or ROOM#<roomId>; its slots are padded to
// six digits, and n is their block of a thousand. A bucket is USER#<userId> or CURSORS#<n>.
//
// A head: layoutVersion counts the changes of shards, open and members; open is a set of
// shards. An entry: its seq is padded to 16 digits, so that it sorts as a number; digits
// sort before HEAD. An entry without an id is a tombstone: there is no message at that seq.
// A send: n is the number of bytes of its clientId.
//
// A notification's id is a ULID, which sorts before STATE. Of an inbox, dropped counts the
// notifications that were ever dropped, and droppedAcked those of them that the user has
// acknowledged. trims counts how often the inbox was trimmed, and trimming names the
// notifications that the last trim dropped, until they are deleted.
//
// DynamoDB deletes expired items late, by days: every read leaves them out. Only a seq of a
// log stays taken by an expired entry.
package dynamo
