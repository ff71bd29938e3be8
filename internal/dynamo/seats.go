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

	"github.com/roomcast/roomcast/internal/realtime/limits"
)

const (
	// blockSlots is how many seats of a holder lie under one key: a partition
	// takes a thousand writes a second.
	blockSlots = 1000
	// seatTries is how many seats are tried without a look at which are free,
	// and how many of those that a look found to be.
	seatTries = 3
	// seatRounds bounds how often all seats are looked at. A round without a
	// seat means that others took nearly all that it found.
	seatRounds = 10
)

var errSeatsContended = errors.New("others took every seat that was free, try again later")

// Seats implements [realtime.Seats] on the table of connections.
type Slots struct {
	table
}

var _ limits.Slots = (*Slots)(nil)

// NewSeats returns the seats in the table of a name. What has expired is
// judged by the clock now.
func NewSlots(api API, name string, now func() time.Time) *Slots {
	return &Slots{table{api: api, name: name, now: now}}
}

// Take implements [realtime.Seats]. As long as a good part of the seats is
// free it is one call that writes one unit.
func (s *Slots) Take(ctx context.Context, of limits.QuotaKey, limit int, connectionID string, expiresAt time.Time) (limits.Slot, error) {
	t := taking{Slots: s, of: of, limit: limit, connectionID: connectionID, expiresAt: expiresAt}
	t.chance = t.source()
	seat, err := t.blindly(ctx)
	if conditionFailed(err) {
		seat, err = t.looking(ctx)
	}
	if err != nil {
		return limits.Slot{}, fmt.Errorf("take a seat of %s for connection %s: %w", of, connectionID, err)
	}
	return seat, nil
}

// taking is a connection that takes a seat.
type taking struct {
	*Slots
	of           limits.QuotaKey
	limit        int
	connectionID string
	expiresAt    time.Time
	chance       *rand.Rand
}

// source returns where the slots to try come from: for the same connection and
// holder always the same, so that who takes a seat again finds its own.
func (t *taking) source() *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %s", t.connectionID, t.of) // never fails
	return rand.New(rand.NewPCG(h.Sum64(), 0))
}

// blindly tries a few seats. The error is a failed condition when others have
// them.
func (t *taking) blindly(ctx context.Context) (seat limits.Slot, err error) {
	for range min(seatTries, t.limit) {
		seat = limits.Slot{Quota: t.of, Number: t.chance.IntN(t.limit)}
		if err = t.put(ctx, seat); !conditionFailed(err) {
			break
		}
	}
	return seat, err
}

// looking reads which seats are free, block by block, and tries some of those.
// It finds that there is none only where a whole round saw none.
func (t *taking) looking(ctx context.Context) (limits.Slot, error) {
	blocks := (t.limit + blockSlots - 1) / blockSlots
	first := t.chance.IntN(blocks)
	for range seatRounds {
		some := false
		for i := range blocks {
			free, err := t.free(ctx, (first+i)%blocks)
			if err != nil {
				return limits.Slot{}, err
			}
			some = some || len(free) > 0
			for _, slot := range free[:min(seatTries, len(free))] {
				seat := limits.Slot{Quota: t.of, Number: slot}
				if err := t.put(ctx, seat); !conditionFailed(err) {
					return seat, err
				}
			}
		}
		if !some {
			return limits.Slot{}, limits.ErrQuotaFull
		}
	}
	return limits.Slot{}, errSeatsContended
}

// free returns the slots of a block that the connection may have, in any
// order; one that it has already comes first.
func (t *taking) free(ctx context.Context, block int) ([]int, error) {
	from, to := block*blockSlots, min((block+1)*blockSlots, t.limit)
	rows, err := t.query(ctx, part{pk: seatPK(t.of, block), attrs: []string{attrSK, attrConnectionID}})
	if err != nil {
		return nil, err
	}
	holders := make(map[string]string, len(rows))
	for _, row := range rows {
		holders[row.text(attrSK)] = row.text(attrConnectionID)
	}
	var free []int
	for slot := from; slot < to; slot++ {
		switch holders[seatSK(slot)] {
		case t.connectionID:
			return []int{slot}, nil
		case "":
			free = append(free, slot)
		}
	}
	t.chance.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	return slices.Clip(free), nil
}

// put takes a seat. The error is a failed condition when another connection
// has it.
func (t *taking) put(ctx context.Context, seat limits.Slot) error {
	_, err := t.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name,
		Item: seatKey(seat).with(item{
			attrConnectionID: text(t.connectionID), attrTTL: number(t.expiresAt.Unix()),
		}),
		// Also what is its own already: the SDK sends again what it got no
		// answer to.
		ConditionExpression:       aws.String("attribute_not_exists(#pk) OR #ttl <= :now OR #connectionId = :id"),
		ExpressionAttributeNames:  names(attrPK, attrTTL, attrConnectionID),
		ExpressionAttributeValues: item{":now": number(t.now().Unix()), ":id": text(t.connectionID)},
	})
	if err == nil || conditionFailed(err) {
		return err
	}
	return errors.Join(err, t.release(ctx, seat, t.connectionID)) // it may be done all the same
}

// Release implements [realtime.Seats].
func (s *Slots) Release(ctx context.Context, seat limits.Slot, connectionID string) error {
	return s.release(ctx, seat, connectionID)
}

// release gives back a seat if it is a connection's.
func (t *table) release(ctx context.Context, seat limits.Slot, connectionID string) error {
	_, err := t.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                 &t.name,
		Key:                       seatKey(seat),
		ConditionExpression:       aws.String("#connectionId = :id"),
		ExpressionAttributeNames:  names(attrConnectionID),
		ExpressionAttributeValues: item{":id": text(connectionID)},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("release seat %d of %s: %w", seat.Number, seat.Quota, err)
	}
	return nil
}

// releaseAll gives back a connection's seats, all at the same time.
func (t *table) releaseAll(ctx context.Context, seats []limits.Slot, connectionID string) error {
	failed := make(chan error, len(seats))
	for _, seat := range seats {
		go func() { failed <- t.release(ctx, seat, connectionID) }()
	}
	var errs []error
	for range seats {
		errs = append(errs, <-failed)
	}
	return errors.Join(errs...)
}
