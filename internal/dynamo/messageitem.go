package dynamo

import (
	"encoding/json"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

func (i item) head() roomlog.Head {
	return roomlog.Head{
		Seq:   i.number(attrSeq),
		Epoch: i.text(attrEpoch),
		Layout: shard.Layout{
			Shards:  int(i.number(attrShards)),
			Open:    i.numberSet(attrOpen),
			Members: int(i.number(attrMembers)),
			Version: i.number(attrLayoutVersion),
		},
		StartedAt:  i.millis(attrStartedAt),
		AdvancedAt: i.millis(attrAdvancedAt),
		ExpiresAt:  i.seconds(attrTTL),
		Floor:      i.number(attrFloor),
	}
}

// entryItem returns what is stored of an entry besides its key.
func entryItem(e roomlog.Entry) item {
	i := item{
		attrTimestamp: number(e.Timestamp.UnixMilli()),
		attrTTL:       number(e.ExpiresAt.Unix()),
	}
	if e.Tombstone() {
		return i
	}
	return i.with(item{attrID: text(e.ID), attrUserID: text(e.UserID), attrMessage: text(e.Message)})
}

func (i item) entry(roomID string, seq int64) roomlog.Entry {
	return roomlog.Entry{
		RoomID:    roomID,
		Seq:       seq,
		ID:        i.text(attrID),
		UserID:    i.text(attrUserID),
		Message:   i.text(attrMessage),
		Timestamp: i.millis(attrTimestamp),
		ExpiresAt: i.seconds(attrTTL),
	}
}

// seqInKey returns the seq of an item of a log.
func (i item) seqInKey() int64 {
	n, _ := strconv.ParseInt(i.text(attrSK), 10, 64) // only this package writes these keys
	return n
}

// sendItem returns what is stored of a send besides its key.
func sendItem(s sends.Send) item {
	i := item{
		attrID:        text(s.ID),
		attrTimestamp: number(s.Timestamp.UnixMilli()),
		attrSeq:       number(s.Seq),
		attrTTL:       number(s.ExpiresAt.Unix()),
	}
	if s.Digest != "" {
		i[attrDigest] = text(s.Digest)
	}
	return i
}

func (i item) send() sends.Send {
	return sends.Send{
		ID:        i.text(attrID),
		Timestamp: i.millis(attrTimestamp),
		Seq:       i.number(attrSeq),
		Digest:    i.text(attrDigest),
		ExpiresAt: i.seconds(attrTTL),
	}
}

// notificationItem returns what is stored of a notification besides its key. Its JSON
// is a string, so that it comes out byte for byte as it went in.
func notificationItem(n inbox.Notification) item {
	i := item{
		attrFrom:         text(n.From),
		attrNotification: text(string(n.Notification)),
		attrTimestamp:    number(n.Timestamp.UnixMilli()),
		attrTTL:          number(n.ExpiresAt.Unix()),
	}
	if n.Service {
		i[attrService] = &types.AttributeValueMemberBOOL{Value: true}
	}
	return i
}

func (i item) notification() inbox.Notification {
	return inbox.Notification{
		ID:           i.text(attrSK),
		From:         i.text(attrFrom),
		Service:      i.flag(attrService),
		Notification: json.RawMessage(i.text(attrNotification)),
		Timestamp:    i.millis(attrTimestamp),
		ExpiresAt:    i.seconds(attrTTL),
	}
}
