package queue

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// changer notes the last change of a visibility.
type changer struct {
	in  *sqs.ChangeMessageVisibilityInput
	err error
}

func (c *changer) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	c.in = in
	return &sqs.ChangeMessageVisibilityOutput{}, c.err
}

func TestPostponeRoundsUp(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]int32{
		-time.Second: 0, 0: 0, 1: 1, time.Second: 1, time.Second + 1: 2, 45 * time.Second: 45,
		12 * time.Hour: 43200, 13 * time.Hour: 43200, math.MaxInt64: 43200, math.MinInt64: 0,
	} {
		var c changer
		if err := Postpone(t.Context(), &c, "url", "handle", delay); err != nil {
			t.Fatal(err)
		}
		if c.in.VisibilityTimeout != want || *c.in.QueueUrl != "url" || *c.in.ReceiptHandle != "handle" {
			t.Errorf("%v: asked for %d s of %s in %s, want %d", delay, c.in.VisibilityTimeout, *c.in.ReceiptHandle, *c.in.QueueUrl, want)
		}
	}
}

func TestPostponeFails(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	if err := Postpone(t.Context(), &changer{err: down}, "url", "handle", time.Second); !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
}
