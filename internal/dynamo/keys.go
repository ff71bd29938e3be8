package dynamo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Names of the attributes. An attribute of both tables means the same in both. Those of
// memberships are short, because a message reads up to 500 of them.
const (
	attrPK             = "pk"
	attrSK             = "sk"
	attrTTL            = "ttl"
	attrConnectionID   = "connectionId"
	attrUserID         = "userId"
	attrRoomID         = "roomId"
	attrIP             = "ip"
	attrConnectedAt    = "connectedAt"
	attrRooms          = "rooms"
	attrSlots          = "slots"
	attrOrder          = "order"
	attrJoinedAt       = "joinedAt"
	attrTombstones     = "tombstones"
	attrFullAt         = "fullAt"
	attrEstablished    = "established"
	attrAcked          = "acked"
	attrPresentUntil   = "presentUntil"
	attrPermissions    = "permissions"
	attrTokenExpiresAt = "tokenExpiresAt"
	attrSeq            = "seq"
	attrDigest         = "digest"
	attrEpoch          = "epoch"
	attrShards         = "shards"
	attrOpen           = "open"
	attrMembers        = "members"
	attrLayoutVersion  = "layoutVersion"
	attrStartedAt      = "startedAt"
	attrAdvancedAt     = "advancedAt"
	attrFloor          = "floor"
	attrID             = "id"
	attrMessage        = "message"
	attrTimestamp      = "timestamp"
	attrFrom           = "from"
	attrNotification   = "notification"
	attrCount          = "count"
	attrDropped        = "dropped"
	attrDroppedAcked   = "droppedAcked"
	attrService        = "service"
	attrTrims          = "trims"
	attrTrimming       = "trimming"
)

// key returns the primary key of an item.
func key(pk, sk string) item {
	return item{attrPK: text(pk), attrSK: text(sk)}
}

func connectionKey(id string) item {
	return key("CONN#"+id, "-")
}

func memberKey(connectionID string, m members.Membership) item {
	return key(shardPK(m.RoomID, m.Shard), connectionID)
}

// shardPK stays unique whatever the room's name: the shard is what follows the
// last #.
func shardPK(roomID string, shard int) string {
	return fmt.Sprintf("ROOM#%s#%d", roomID, shard)
}

// shardOf returns which shard of a room has a pk, see shardPK.
func shardOf(pk string) members.Membership {
	end := strings.LastIndexByte(pk, '#')
	shard, _ := strconv.Atoi(pk[end+1:]) // only this package writes these keys
	return members.Membership{RoomID: strings.TrimPrefix(pk[:end], "ROOM#"), Shard: shard}
}

// slotKey stays unique whatever the quota's name, as shardPK does.
func slotKey(s limits.Slot) item {
	return key(slotPK(s.Quota, s.Number/slotsPerBlock), slotSK(s.Number))
}

func slotPK(of limits.QuotaKey, block int) string {
	return fmt.Sprintf("SLOT#%s#%d", of, block)
}

func slotSK(slot int) string {
	return fmt.Sprintf("%06d", slot)
}

func userKey(userID, connectionID string) item {
	return key(userPK(userID), connectionID)
}

func userPK(userID string) string {
	return "USER#" + userID
}
