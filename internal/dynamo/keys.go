package dynamo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Names of the attributes, the same in both tables where they mean the same.
const (
	attrPK           = "pk"
	attrSK           = "sk"
	attrTTL          = "ttl"
	attrConnectionID = "connectionId"
	attrUserID       = "userId"
	attrRoomID       = "roomId"
	attrIP           = "ip"
	attrConnectedAt  = "connectedAt"
	attrRooms        = "rooms"
	attrSeats        = "seats"
	attrOrder        = "order"
	attrJoinedAt     = "joinedAt"
	attrMarks        = "marks"
	attrFull         = "full"
	attrEstablished  = "established"
	attrHas          = "has"
	attrPresentUntil = "presentUntil"
	attrMay          = "may"
	attrEndsAt       = "endsAt"
	attrSeq          = "seq"
	attrDigest       = "digest"
	attrEpoch        = "epoch"
	attrShards       = "shards"
	attrOpen         = "open"
	attrMembers      = "members"
	attrLayout       = "layout"
	attrStartedAt    = "startedAt"
	attrAdvancedAt   = "advancedAt"
	attrFloor        = "floor"
	attrID           = "id"
	attrMessage      = "message"
	attrTimestamp    = "timestamp"
	attrFrom         = "from"
	attrNotification = "notification"
	attrKept         = "kept"
	attrDropped      = "dropped"
	attrForgiven     = "forgiven"
	attrService      = "service"
	attrTrims        = "trims"
	attrTrimming     = "trimming"
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

// seatKey stays unique whatever the holder's name, as shardPK does.
func seatKey(s limits.Slot) item {
	return key(seatPK(s.Quota, s.Number/blockSlots), seatSK(s.Number))
}

func seatPK(of limits.QuotaKey, block int) string {
	return fmt.Sprintf("SEAT#%s#%d", of, block)
}

func seatSK(slot int) string {
	return fmt.Sprintf("%06d", slot)
}

func userKey(userID, connectionID string) item {
	return key(userPK(userID), connectionID)
}

func userPK(userID string) string {
	return "USER#" + userID
}
