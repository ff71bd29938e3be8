package queues

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// deliver processes a batch as far as no fault holds its messages back or
// repeats them.
func (s *Source) deliver(ctx context.Context, batch []types.Message, received time.Time) {
	var now, twice []types.Message
	late := map[time.Duration][]types.Message{}
	held := map[string]time.Duration{} // the groups of a FIFO queue that wait
	for _, m := range batch {
		fault := s.config.Faults.At(faults.Point{
			Service: "sqs", Operation: "Deliver", Function: s.config.Function, Resource: s.config.queue(),
		})
		delay := fault.Late
		if s.config.isFIFO() {
			// Whatever happens, nothing of a group overtakes what came before it.
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
			twice = append(twice, m)
		}
	}
	for delay, messages := range late {
		s.running.Go(func() { s.deliverLate(ctx, messages, delay, received) })
	}
	if len(now) > 0 {
		s.process(ctx, now, twice, received)
	}
}

// deliverLate processes messages after a while. Those whose visibility timeout
// is shorter come before that, and again then.
func (s *Source) deliverLate(ctx context.Context, messages []types.Message, delay time.Duration, received time.Time) {
	faults.Sleep(ctx, delay)
	select {
	case s.room <- struct{}{}:
		defer func() { <-s.room }()
		s.process(ctx, messages, nil, received)
	case <-ctx.Done():
	}
}
