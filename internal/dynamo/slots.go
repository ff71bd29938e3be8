package dynamo

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/realtime/limits"
)

const (
	// slotsPerBlock is how many slots of a quota share a partition key: a partition takes
	// a thousand writes a second.
	slotsPerBlock = 1000
	// slotTries is how many slots are tried without reading which are free, and how many
	// of those that a read found to be free.
	slotTries = 3
	// slotRounds limits how often all slots are read. A round that takes no slot means
	// that others took nearly all that it found.
	slotRounds = 10
)

var errSlotsContended = errors.New("others took every slot that was free: try again later")

// Slots keeps the slots of quotas in the table of connections.
type Slots struct {
	table
}

var _ limits.Slots = (*Slots)(nil)

// NewSlots returns the slots in the table with that name. The clock now decides what has
// expired.
func NewSlots(api API, name string, now func() time.Time) *Slots {
	return &Slots{table{api: api, name: name, now: now}}
}

// Take implements [limits.Slots]. While a good part of the slots is free, it is one call
// that writes one unit.
func (s *Slots) Take(ctx context.Context, of limits.QuotaKey, limit int, connectionID string, expiresAt time.Time) (limits.Slot, error) {
	t := taking{Slots: s, of: of, limit: limit, connectionID: connectionID, expiresAt: expiresAt}
	t.chance = t.source()
	slot, err := t.blindly(ctx)
	if conditionFailed(err) {
		slot, err = t.looking(ctx)
	}
	if err != nil {
		return limits.Slot{}, fmt.Errorf("take a slot of %s for connection %s: %w", of, connectionID, err)
	}
	return slot, nil
}

// taking is one Take while it is carried out.
type taking struct {
	*Slots
	of           limits.QuotaKey
	limit        int
	connectionID string
	expiresAt    time.Time
	chance       *rand.Rand
}

// source returns the random source of the slots to try. It is always the same for the
// same connection and quota, so that a connection that takes a slot again finds its own.
func (t *taking) source() *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %s", t.connectionID, t.of) // never fails
	return rand.New(rand.NewPCG(h.Sum64(), 0))
}

// blindly tries a few slots. The error is a failed condition if others hold them.
func (t *taking) blindly(ctx context.Context) (slot limits.Slot, err error) {
	for range min(slotTries, t.limit) {
		slot = limits.Slot{Quota: t.of, Number: t.chance.IntN(t.limit)}
		if err = t.put(ctx, slot); !conditionFailed(err) {
			break
		}
	}
	return slot, err
}

// looking reads which slots are free, block by block, and tries some of those. It
// concludes that the quota is full only after a whole round without a free slot.
func (t *taking) looking(ctx context.Context) (limits.Slot, error) {
	blocks := (t.limit + slotsPerBlock - 1) / slotsPerBlock
	first := t.chance.IntN(blocks)
	for range slotRounds {
		some := false
		for i := range blocks {
			free, err := t.free(ctx, (first+i)%blocks)
			if err != nil {
				return limits.Slot{}, err
			}
			some = some || len(free) > 0
			for _, n := range free[:min(slotTries, len(free))] {
				slot := limits.Slot{Quota: t.of, Number: n}
				if err := t.put(ctx, slot); !conditionFailed(err) {
					return slot, err
				}
			}
		}
		if !some {
			return limits.Slot{}, limits.ErrQuotaFull
		}
	}
	return limits.Slot{}, errSlotsContended
}

// free returns the numbers of the slots of a block that the connection may take, in
// random order: only its own if it holds one.
func (t *taking) free(ctx context.Context, block int) ([]int, error) {
	from, to := block*slotsPerBlock, min((block+1)*slotsPerBlock, t.limit)
	rows, err := t.query(ctx, part{pk: slotPK(t.of, block), attrs: []string{attrSK, attrConnectionID}})
	if err != nil {
		return nil, err
	}
	holders := make(map[string]string, len(rows))
	for _, row := range rows {
		holders[row.text(attrSK)] = row.text(attrConnectionID)
	}
	var free []int
	for n := from; n < to; n++ {
		switch holders[slotSK(n)] {
		case t.connectionID:
			return []int{n}, nil
		case "":
			free = append(free, n)
		}
	}
	t.chance.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	return slices.Clip(free), nil
}

// put takes a slot. The error is a failed condition if another connection holds it.
func (t *taking) put(ctx context.Context, slot limits.Slot) error {
	_, err := t.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name,
		Item: slotKey(slot).with(item{
			attrConnectionID: text(t.connectionID), attrTTL: number(t.expiresAt.Unix()),
		}),
		// Also if it holds the slot already: the SDK resends a request without an answer.
		ConditionExpression:       aws.String("attribute_not_exists(#pk) OR #ttl <= :now OR #connectionId = :id"),
		ExpressionAttributeNames:  names(attrPK, attrTTL, attrConnectionID),
		ExpressionAttributeValues: item{":now": number(t.now().Unix()), ":id": text(t.connectionID)},
	})
	if err == nil || conditionFailed(err) {
		return err
	}
	return errors.Join(err, t.release(ctx, slot, t.connectionID)) // it may have been carried out all the same
}

// Release implements [limits.Slots].
func (s *Slots) Release(ctx context.Context, slot limits.Slot, connectionID string) error {
	return s.release(ctx, slot, connectionID)
}

// release frees a slot if it is a connection's.
func (t *table) release(ctx context.Context, slot limits.Slot, connectionID string) error {
	_, err := t.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                 &t.name,
		Key:                       slotKey(slot),
		ConditionExpression:       aws.String("#connectionId = :id"),
		ExpressionAttributeNames:  names(attrConnectionID),
		ExpressionAttributeValues: item{":id": text(connectionID)},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("release slot %d of %s: %w", slot.Number, slot.Quota, err)
	}
	return nil
}

// releaseAll frees a connection's slots, all at the same time.
func (t *table) releaseAll(ctx context.Context, slots []limits.Slot, connectionID string) error {
	var releasing errgroup.Group
	for _, slot := range slots {
		releasing.Go(func() error { return t.release(ctx, slot, connectionID) })
	}
	return releasing.Wait()
}
