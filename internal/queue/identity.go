package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// Group returns the message group of a shard of a room. It hashes the room's name, which
// may hold characters that SQS does not take, and too many.
func Group(roomID string, shard int) string {
	return fmt.Sprintf("%s-%d", hash(roomID), shard)
}

// identify returns a job's message group and its deduplication id, which no other job has.
// SQS takes 128 characters of each.
func identify(j delivery.Job) (group, id string) {
	if len(j.Pending) > 0 {
		id := pendingID(j)
		return id, id
	}
	group = Group(j.RoomID, j.Shard)
	id = fmt.Sprintf("%s-%d", group, j.Seq)
	if j.FirstSeq != 0 || j.Attempt != "" {
		id += "-" + hash(fmt.Sprintf("%d %s", j.FirstSeq, j.Attempt))[:32]
	}
	return group, id
}

// pendingID returns the id of a job with Pending. The connections are a part of it: two
// jobs that name different connections must not count as one, or the connections of one of
// them get nothing.
func pendingID(j delivery.Job) string {
	named := j
	named.Shards, named.Frame, named.Cause, named.Pending = 0, "", "", nil
	for _, p := range j.Pending {
		named.Pending = append(named.Pending, delivery.Pending{ConnectionID: p.ConnectionID})
	}
	slices.SortFunc(named.Pending, func(a, b delivery.Pending) int { return strings.Compare(a.ConnectionID, b.ConnectionID) })
	data, _ := json.Marshal(named) // strings and numbers can always be encoded
	return "pending-" + hash(string(data))
}

// hash returns 64 characters that are valid in an id.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
