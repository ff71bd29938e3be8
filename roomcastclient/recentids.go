package roomcastclient

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"
)

const (
	// dedupWindow is how long the server recognizes an idempotency key.
	dedupWindow = 5 * time.Minute
	// maxRecentIDs is how many keys of the application are remembered.
	maxRecentIDs = 1000
)

// recentIDs are the idempotency keys that the application used in the last
// dedupWindow, the newest at the end. The server refuses another text with the same
// key, but a late reply to a copy of the first text would be taken for the reply to
// the second.
type recentIDs []recentID

// recentID is the key of one text in one room.
type recentID struct {
	roomID, key string
	text        [sha256.Size]byte // its hash
	at          time.Time         // by the wall clock
}

// check refuses a key that belongs to another text of the room.
func (ids *recentIDs) check(now time.Time, roomID, key, text string) error {
	*ids = slices.DeleteFunc(*ids, func(id recentID) bool { return now.Sub(id.at) >= dedupWindow })
	if i := ids.index(roomID, key); i >= 0 && (*ids)[i].text != sha256.Sum256([]byte(text)) {
		return badField("idempotencyKey", fmt.Sprintf("%q belongs to another message of the last %v; use a new key", key, dedupWindow), nil)
	}
	return nil
}

// add remembers a key, or that it was used again.
func (ids *recentIDs) add(now time.Time, roomID, key, text string) {
	ids.remove(roomID, key)
	*ids = append(*ids, recentID{roomID, key, sha256.Sum256([]byte(text)), now})
	if len(*ids) > maxRecentIDs {
		*ids = slices.Delete(*ids, 0, 1)
	}
}

// resolve notes the outcome of a message. The server recognizes its key from now on
// at the latest, unless it refused the message or never got it.
func (ids *recentIDs) resolve(now time.Time, roomID string, s *pendingSend, err error) {
	if err == nil || CodeOf(err) == CodeOutcomeUnknown {
		ids.add(now, roomID, s.key, s.text)
	} else {
		ids.remove(roomID, s.key)
	}
}

func (ids *recentIDs) remove(roomID, key string) {
	if i := ids.index(roomID, key); i >= 0 {
		*ids = slices.Delete(*ids, i, i+1)
	}
}

// index returns the index of a key, or -1.
func (ids *recentIDs) index(roomID, key string) int {
	return slices.IndexFunc(*ids, func(id recentID) bool { return id.roomID == roomID && id.key == key })
}
