package queues

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// mishaps are the faults of the messages in a batch.
type mishaps struct {
	twice []types.Message // messages to deliver twice
	kept  []string        // IDs of the messages that are not deleted
}

// deliver processes a batch, except for messages that a fault delays, repeats or
// keeps.
func (s *Source) deliver(ctx context.Context, batch []types.Message, received time.Time) {
	var now []types.Message
	var wrong mishaps
	late := map[time.Duration][]types.Message{}
	held := map[string]time.Duration{} // the delayed groups of a FIFO queue
	for _, m := range batch {
		fault := s.config.Faults.At(faults.Point{
			Service: "sqs", Operation: "Deliver", Function: s.config.Function, Resource: s.config.queue(),
		})
		delay := fault.Late
		if s.config.isFIFO() {
			// Nothing of a group may overtake its earlier messages.
			group := m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)]
			delay = max(delay, held[group])
			held[group] = delay
		}
		if delay > 0 {
			late[delay] = append(late[delay], m)
			continue
		}
		now = append(now, m)
		if fault.Duplicate {
			wrong.twice = append(wrong.twice, m)
		}
		if fault.Undeleted {
			wrong.kept = append(wrong.kept, aws.ToString(m.MessageId))
		}
	}
	for delay, messages := range late {
		s.running.Go(func() { s.deliverLate(ctx, messages, delay, received) })
	}
	if len(now) > 0 {
		s.process(ctx, now, wrong, received)
	}
}

// deliverLate processes messages after a delay. Messages with a shorter visibility
// timeout are delivered before and again then.
func (s *Source) deliverLate(ctx context.Context, messages []types.Message, delay time.Duration, received time.Time) {
	faults.Sleep(ctx, delay)
	select {
	case s.room <- struct{}{}:
		defer func() { <-s.room }()
		s.process(ctx, messages, mishaps{}, received)
	case <-ctx.Done():
	}
}
