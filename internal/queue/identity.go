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

// Group returns the message group of a shard of a room. A room's name may hold
// characters that SQS does not take, and too many: it is hashed.
func Group(roomID string, shard int) string {
	return fmt.Sprintf("%s-%d", hash(roomID), shard)
}

// identify returns a job's message group and its deduplication id, which is
// another one for every other job. SQS takes 128 characters of each.
func identify(j delivery.Job) (group, id string) {
	if len(j.Pending) > 0 {
		id := owedID(j)
		return id, id
	}
	group = Group(j.RoomID, j.Shard)
	id = fmt.Sprintf("%s-%d", group, j.Seq)
	if j.FirstSeq != 0 || j.Attempt != "" {
		id += "-" + hash(fmt.Sprintf("%d %s", j.FirstSeq, j.Attempt))[:32]
	}
	return group, id
}

// owedID names a job with Owed. To whom it is owed is a part of the name: two
// that tell of different connections must not count as one, or the connections
// of one of them get nothing.
func owedID(j delivery.Job) string {
	named := j
	named.Shards, named.Frame, named.Cause, named.Pending = 0, "", "", nil
	for _, o := range j.Pending {
		named.Pending = append(named.Pending, delivery.Pending{ConnectionID: o.ConnectionID})
	}
	slices.SortFunc(named.Pending, func(a, b delivery.Pending) int { return strings.Compare(a.ConnectionID, b.ConnectionID) })
	data, _ := json.Marshal(named) // texts and numbers can always be encoded
	return "owed-" + hash(string(data))
}

// hash returns 64 characters that SQS takes in an id.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
