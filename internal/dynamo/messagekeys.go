package dynamo

import (
	"fmt"

	"github.com/roomcast/roomcast/internal/realtime/sends"
)

func headKey(roomID string) item {
	return key(logPK(roomID), "HEAD")
}

func entryKey(roomID string, seq int64) item {
	return key(logPK(roomID), entrySK(seq))
}

func logPK(roomID string) string {
	return "ROOM#" + roomID
}

// maxSeq is the newest seq that a sort key has digits for.
const maxSeq = 1e16 - 1

func entrySK(seq int64) string {
	return fmt.Sprintf("%016d", seq)
}

// sendKey stays unique whatever the names: the length says where the clientId ends. The
// sends of services have keys of their own.
func sendKey(k sends.Key) item {
	pk := "SEND#" + k.UserID
	if k.Service {
		pk = "SERVICE#" + k.UserID
	}
	if k.RoomID == "" {
		return key(pk, "NOTIFY#"+k.ClientID)
	}
	return key(pk, fmt.Sprintf("ROOM#%d#%s#%s", len(k.ClientID), k.ClientID, k.RoomID))
}

// Ids are ULIDs, which begin with a digit: so they sort before endOfIDs, and the state
// of an inbox sorts after it.
const (
	firstID  = "0"
	endOfIDs = "A"
)

// isID reports whether an id can be a notification's. A client may send anything, also
// the sort key of the inbox's state.
func isID(id string) bool {
	return firstID <= id && id < endOfIDs
}

func notificationKey(userID, id string) item {
	return key(inboxPK(userID), id)
}

func stateKey(userID string) item {
	return key(inboxPK(userID), "STATE")
}

func inboxPK(userID string) string {
	return "INBOX#" + userID
}
