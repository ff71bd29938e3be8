package roomcastclient

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// known is how long the server knows a clientId.
	dedupWindow = 5 * time.Minute
	// maxGiven is how many clientIds of the application are remembered.
	maxRecentIDs = 1000
)

// given are the names that the application gave to messages not long ago, those
// that were given last at the end. The server would refuse another text with
// one of them; but a late answer to a copy of the first would be taken for an
// answer to the second.
type recentIDs []recentID

// givenName is the name of one text in one room.
type recentID struct {
	roomID, id string
	text       [sha256.Size]byte // its hash
	at         time.Time         // by the wall clock
}

// check refuses a name that another text of the room has.
func (g *recentIDs) check(now time.Time, roomID, id, text string) error {
	*g = slices.DeleteFunc(*g, func(n recentID) bool { return now.Sub(n.at) >= dedupWindow })
	if i := g.index(roomID, id); i >= 0 && (*g)[i].text != sha256.Sum256([]byte(text)) {
		return invalid(protocol.Errorf(protocol.CodeBadField, "clientId: %q was given to another message within the last %v", id, dedupWindow))
	}
	return nil
}

// add remembers a name, anew when it is known.
func (g *recentIDs) add(now time.Time, roomID, id, text string) {
	g.remove(roomID, id)
	*g = append(*g, recentID{roomID, id, sha256.Sum256([]byte(text)), now})
	if len(*g) > maxRecentIDs {
		*g = slices.Delete(*g, 0, 1)
	}
}

// settled takes in what became of a message. The server knows its name from
// some time before, unless it refused the message, or never got it.
func (g *recentIDs) resolve(now time.Time, roomID string, s *pendingSend, err error) {
	if err == nil || CodeOf(err) == CodeOutcomeUnknown {
		g.add(now, roomID, s.key, s.text)
	} else {
		g.remove(roomID, s.key)
	}
}

func (g *recentIDs) remove(roomID, id string) {
	if i := g.index(roomID, id); i >= 0 {
		*g = slices.Delete(*g, i, i+1)
	}
}

// index returns where a name is, -1 when it is not known.
func (g *recentIDs) index(roomID, id string) int {
	return slices.IndexFunc(*g, func(n recentID) bool { return n.roomID == roomID && n.id == id })
}
